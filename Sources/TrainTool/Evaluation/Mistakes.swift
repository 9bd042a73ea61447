import Catalog
import Evaluate
import Plots
import Report
import Train

/// The worst mistakes of a verification test as pictures.
struct Mistakes {
  private let test: ProtocolTest
  private let pictures: SamplePictures
  /// The places of the wrongly accepted pairs, the highest score first.
  private let falseAccepts: [Int]
  /// The places of the wrongly rejected pairs, the lowest score first.
  private let falseRejects: [Int]

  /// Number of pairs shown of each kind.
  private static let shown = 24

  init(_ test: ProtocolTest, _ evaluation: Evaluation, _ catalog: Catalog) throws {
    self.test = test
    pictures = SamplePictures(catalog)
    let scores = test.comparisons.scores
    let wrong = scores.indices.filter { !evaluation.isCorrect[$0] }
    falseAccepts = wrong.filter { !test.comparisons.genuine[$0] }.sorted {
      (scores[$1], $0) < (scores[$0], $1)
    }
    falseRejects = wrong.filter { test.comparisons.genuine[$0] }.sorted {
      (scores[$0], $0) < (scores[$1], $1)
    }
  }

  /// The galleries of a report.
  var galleries: [EvaluationPage.Gallery] {
    get throws {
      try [
        gallery("False accepts", "Different people with the highest scores", falseAccepts),
        gallery("False rejects", "One person with the lowest scores", falseRejects),
      ].compactMap(\.self)
    }
  }

  private func gallery(
    _ title: String, _ text: String, _ places: [Int]
  ) throws -> EvaluationPage.Gallery? {
    guard !places.isEmpty else { return nil }
    let shown = places.prefix(Self.shown)
    return EvaluationPage.Gallery(
      title: title,
      text: "\(text): \(shown.count) of \(places.count).",
      exhibits: try shown.map { place in
        let pair = test.pairs[place]
        return try Self.exhibit(
          [pair.left, pair.right], test.images, pictures,
          detail: "score \(Figures.threshold(test.comparisons.scores[place]))")
      })
  }

  /// Samples beside each other with their names.
  static func exhibit(
    _ ids: [Int], _ images: [Int: ImageKey], _ pictures: SamplePictures, detail: String
  ) throws -> EvaluationPage.Exhibit {
    let names = ids.map { id in
      images[id].map { "\($0.identity)\($0.number.map { " \($0)" } ?? "")" } ?? "\(id)"
    }
    let shown = try zip(ids, names).map {
      (picture: try pictures.picture(of: $0), description: $1)
    }
    return EvaluationPage.Exhibit(
      shown, caption: names.map(\.isolated).joined(separator: " · ") + " · " + detail)
  }
}

/// Some one-shot trials as pictures: the probe, then the people that it was compared with by
/// descending score.
struct PredictionSheet {
  private let test: ProtocolTest
  private let ways: Int
  private let pictures: SamplePictures

  /// Number of trials shown.
  private static let shown = 10

  init(_ test: ProtocolTest, ways: Int, _ catalog: Catalog) throws {
    self.test = test
    self.ways = ways
    pictures = SamplePictures(catalog)
  }

  /// The galleries of a report: the first trials that were lost, and the first that were won.
  var galleries: [EvaluationPage.Gallery] {
    get throws {
      let trials = stride(from: 0, to: test.pairs.count, by: ways).map { $0..<$0 + ways }
      let lost = trials.filter { !isWon($0) }
      let won = trials.filter(isWon)
      return try [("Trials that were lost or tied", lost), ("Trials that were won", won)].compactMap
      {
        title, trials in
        guard !trials.isEmpty else { return nil }
        let shown = trials.prefix(Self.shown)
        return EvaluationPage.Gallery(
          title: title,
          text:
            "\(shown.count) of \(trials.count). The probe, then the people it was compared with, "
            + "the most similar first.",
          exhibits: try shown.map(exhibit))
      }
    }
  }

  private func sorted(_ trial: Range<Int>) -> [Int] {
    let scores = test.comparisons.scores
    // Ties count against the probe's own person.
    return trial.sorted {
      (scores[$1], test.pairs[$0].genuine ? 1 : 0, $0)
        < (scores[$0], test.pairs[$1].genuine ? 1 : 0, $1)
    }
  }

  private func isWon(_ trial: Range<Int>) -> Bool {
    sorted(trial).first.map { test.pairs[$0].genuine } ?? false
  }

  private func exhibit(_ trial: Range<Int>) throws -> EvaluationPage.Exhibit {
    let order = sorted(trial)
    let right = (order.firstIndex { test.pairs[$0].genuine } ?? 0) + 1
    return try Mistakes.exhibit(
      [test.pairs[trial.lowerBound].left] + order.prefix(5).map { test.pairs[$0].right },
      test.images, pictures, detail: "own person at rank \(right) of \(ways)")
  }
}

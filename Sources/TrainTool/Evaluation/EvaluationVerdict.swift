import CommandSupport
import Evaluate
import Plots
import Report
import Train

/// The first part of the page of an evaluation, and what it shows of folds and people.
struct EvaluationVerdict {
  private let figures: EvaluationReport
  private let evaluation: Evaluation
  private let test: ProtocolTest
  private let showsPeople: Bool

  /// Number of people with the most mistakes that are listed.
  private static let listed = 20

  init(
    _ figures: EvaluationReport, _ evaluation: Evaluation, _ test: ProtocolTest, showsPeople: Bool
  ) {
    self.figures = figures
    self.evaluation = evaluation
    self.test = test
    self.showsPeople = showsPeople
  }

  /// Writes the sentence, the tiles, the line on contamination and the table of decisions.
  func write(to page: inout EvaluationPage) {
    page.summary = sentence
    page.tiles = tiles
    page.cleanliness = cleanliness
    page.figures.append(decisions)
  }

  private var peopleCount: Int {
    Set(test.identityNumbers.flatMap { [$0.0, $0.1] }).count
  }

  private func percent(_ value: Double) -> String { "\((value * 1_000).rounded() / 10) %" }

  private var sentence: String {
    let trained =
      switch (figures.closedSet, figures.contaminated) {
      case (true, nil): " of a closed set"
      case (true, _?): " who were trained on in other images (closed set)"
      case (_, true?): ", some of whom were trained on"
      case (_, false?): " never trained on"
      case (_, nil): ""
      }
    let interval = figures.eerInterval.map {
      " [\(percent($0[0])) to \(percent($0[1])), 95 % over people]"
    }
    let result =
      figures.eer.map { "EER \(percent($0))\(interval ?? "")" }
      ?? "accuracy \(percent(figures.accuracy))"
    return "\(counted(peopleCount, "person", "people"))\(trained); \(result)."
  }

  private var cleanliness: (isClean: Bool?, text: String) {
    switch figures.contaminated {
    case true?: (false, "Contaminated: the network was trained on tested people or images.")
    case false? where figures.closedSet:
      (nil, "Closed set: the tested people were trained on, the tested images were not.")
    case false?: (true, "No tested person or image was trained on.")
    case nil: (nil, "It is not known whom the network was trained on.")
    }
  }

  private var tiles: [(name: String, value: String)] {
    var tiles = [("EER", Figures.rate(figures.eer)), ("AUC", Figures.rate(figures.auc))]
    tiles += [
      (
        "accuracy (always answering different: \(Figures.rate(figures.accuracyOfDifferent)))",
        Figures.rate(figures.accuracy)
      ), ("balanced accuracy", Figures.rate(figures.balancedAccuracy)),
    ]
    for rate in figures.tarAtFar where rate.tar != nil {
      tiles.append(
        (
          "TAR at FAR \(rate.far): \(rate.trueAccepts ?? 0) of \(figures.genuine), "
            + "\(counted(rate.falseAccepts ?? 0, "false accept", "false accepts"))",
          Figures.rate(rate.tar)
        ))
    }
    return tiles.map { (name: $0.0, value: $0.1) }
  }

  private var decisions: EvaluationPage.Figures {
    let counts = evaluation.decisions
    return EvaluationPage.Figures(
      title: "Decisions",
      text: figures.folds > 0
        ? "All folds together, each at its own threshold."
        : "At the threshold \(Figures.threshold(figures.threshold)).",
      heading: ["pairs", "accepted", "rejected"],
      rows: [
        ["genuine", counts.trueAccepts.grouped, counts.falseRejects.grouped],
        ["impostor", counts.falseAccepts.grouped, counts.trueRejects.grouped],
      ])
  }

  /// The accuracy of each fold over its threshold; none without folds.
  var foldPlots: [(file: String, plot: Plot)] {
    let folds = figures.foldFigures
    guard let low = folds.map(\.threshold).min(), let high = folds.map(\.threshold).max(),
      let least = folds.map(\.accuracy).min()
    else { return [] }
    let margin = max((high - low) * 0.1, abs(high) * 1e-3, 1e-6)
    return [
      (
        "folds.svg",
        Plot(
          title: "Folds: accuracy over the threshold from the other folds", xLabel: "threshold",
          yLabel: "accuracy", x: low - margin...high + margin, y: min(0.5, least)...1,
          marks: folds.map { .point(x: $0.threshold, y: $0.accuracy, style: "one") })
      )
    ]
  }

  /// The people with the most mistakes; none if no people are shown.
  var people: [EvaluationPage.Figures] {
    guard showsPeople else { return [] }
    var counts: [Int: (name: String, pairs: Int, accepts: Int, rejects: Int)] = [:]
    for (place, (pair, numbers)) in zip(test.pairs, test.identityNumbers).enumerated() {
      let people = [(numbers.0, pair.left), (numbers.1, pair.right)]
      for (number, sample) in people.prefix(numbers.0 == numbers.1 ? 1 : 2) {
        var count = counts[number] ?? (test.images[sample]?.identity ?? "", 0, 0, 0)
        count.pairs += 1
        if !evaluation.isCorrect[place] {
          if test.comparisons.genuine[place] { count.rejects += 1 } else { count.accepts += 1 }
        }
        counts[number] = count
      }
    }
    let wrong = counts.values.filter { $0.accepts + $0.rejects > 0 }.sorted {
      ($1.accepts + $1.rejects, $0.name) < ($0.accepts + $0.rejects, $1.name)
    }
    guard !wrong.isEmpty else { return [] }
    return [
      EvaluationPage.Figures(
        title: "Mistakes by person",
        text: "\(wrong.count.grouped) of \(counts.count.grouped) people are in a pair that was "
          + "decided wrongly; those with the most such pairs first.",
        heading: ["person", "pairs", "false accepts", "false rejects", "wrong, %"],
        rows: wrong.prefix(Self.listed).map { count in
          [
            count.name, count.pairs.grouped, count.accepts.grouped, count.rejects.grouped,
            "\((Double(count.accepts + count.rejects) / Double(count.pairs) * 1_000).rounded() / 10)",
          ]
        })
    ]
  }
}

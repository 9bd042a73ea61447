import Foundation
import Randomness
import TestSupport
import Testing

@testable import Evaluate
@testable import Plots

/// Scores with ties from two overlapping distributions.
private func scores(seed: Int, count: Int) -> Comparisons {
  var random = RandomStream(seed: seed, "reference")
  return Comparisons(
    (0..<count).map { index in
      let isGenuine = index % 4 == 0
      return Comparison(
        score: ((random.normal() + (isGenuine ? 1.2 : 0)) * 50).rounded() / 50,
        isGenuine: isGenuine)
    })
}

@Suite("Figures")
struct ReferenceTests {
  struct Given: Encodable {
    let scores: [Double]
    let genuine: [Bool]
    let threshold: Double
    let proportions: [[Int]]
    let probabilities: [Double]
  }

  struct Expected: Decodable {
    let auc: Double
    let far: [Double]
    let gar: [Double]
    let thresholds: [Double?]
    let precision: Double
    let f1: Double
    let balanced: Double
    let intervals: [[Double]]
    let deviates: [Double]
  }

  @Test(
    "are those of scikit-learn and SciPy, on random scores with ties",
    .enabled(if: Surroundings.hasPython), arguments: [0, 1, 2])
  func reference(seed: Int) throws {
    let comparisons = scores(seed: seed, count: 3_000)
    let proportions = [
      [0, 10], [10, 10], [1, 3000], [300, 3000], [2, 5], [1500, 1500], [0, 1],
    ]
    let probabilities = [1e-12, 1e-6, 0.001, 0.05, 0.3, 0.5, 0.9, 0.999]
    let threshold = 0.5
    let folder = try TemporaryFolder()
    let file = folder.file("given.json")
    try JSONEncoder().encode(
      Given(
        scores: comparisons.scores, genuine: comparisons.genuine, threshold: threshold,
        proportions: proportions, probabilities: probabilities)
    ).write(to: URL(fileURLWithPath: file))
    let outcome = try Tool(path: Surroundings.python).run(
      "\(Surroundings.root)/Tests/EvaluateTests/Scripts/metrics.py", file)
    let expected = try JSONDecoder().decode(Expected.self, from: Data(outcome.output.utf8))
    let roc = try #require(ROC(comparisons))
    #expect(abs(roc.auc - expected.auc) < 1e-9)
    let points = Array(roc.points)
    #expect(points.count == expected.far.count)
    for (point, place) in zip(points, expected.far.indices) {
      #expect(abs(point.far - expected.far[place]) < 1e-9)
      #expect(abs(point.gar - expected.gar[place]) < 1e-9)
      #expect(place == 0 || point.threshold == expected.thresholds[place])
    }
    let decisions = roc.decisions(at: threshold)
    #expect(decisions == Decisions(comparisons, at: threshold))
    #expect(abs((decisions.precision ?? 0) - expected.precision) < 1e-12)
    #expect(abs((decisions.f1 ?? 0) - expected.f1) < 1e-12)
    #expect(abs((decisions.balancedAccuracy ?? 0) - expected.balanced) < 1e-12)
    for (proportion, ends) in zip(proportions, expected.intervals) {
      let interval = try #require(Proportion(proportion[0], of: proportion[1])).interval()
      #expect(abs(interval.lowerBound - ends[0]) < 1e-9, "\(proportion)")
      #expect(abs(interval.upperBound - ends[1]) < 1e-9, "\(proportion)")
    }
    for (probability, deviate) in zip(probabilities, expected.deviates) {
      #expect(abs(NormalDeviate.of(probability) - deviate) < 1e-8, "\(probability)")
    }
  }

  @Test("of every point equal those of the list of points")
  func pointsAtFAR() throws {
    for seed in 0..<5 {
      let roc = try #require(ROC(scores(seed: seed, count: 400)))
      for far in [0.0034, 0.01, 0.2, 0.5, 0.999, 1] {
        let expected = roc.points.reversed().first {
          Double($0.falseAccepts) <= far * Double(roc.impostor) + 1e-9
        }
        #expect(roc.point(atFAR: far) == expected, "\(far)")
      }
    }
  }

  @Test("of a thinned curve are points of the curve, and both ends are kept")
  func curve() throws {
    let roc = try #require(ROC(scores(seed: 9, count: 20_000)))
    let all = Array(roc.points)
    let curve = roc.curve
    #expect(curve.first == all.first && curve.last == all.last)
    #expect(curve.allSatisfy { all.contains($0) })
    // No point of the curve is farther than a line's width from a kept one.
    for point in all {
      let nearest = curve.map { abs($0.far - point.far) + abs($0.gar - point.gar) }.min() ?? 1
      #expect(nearest < 0.005)
    }
  }

  @Test("d' is the distance of two normal distributions")
  func sensitivity() throws {
    // Means 2 and 0, variances 1 and 1.
    let roc = try #require(ROC(genuine: [1, 3], impostor: [-1, 1]))
    #expect(SensitivityIndex.of(roc) == 2)
    #expect(SensitivityIndex.of(try #require(ROC(genuine: [1], impostor: [0]))) == nil)
  }
}

@Suite("A bootstrap over identities")
struct BootstrapTests {
  /// `people` identities with `images` each; all pairs of one person are equally good.
  private func dependent(people: Int, images: Int) -> (Comparisons, [(Int, Int)]) {
    var random = RandomStream(seed: 4, "people")
    var (comparisons, identities) = (Comparisons(), [(Int, Int)]())
    for person in 0..<people {
      let quality = random.uniform() < 0.7 ? 1.0 : -1.0
      for _ in 0..<images {
        comparisons.append(Comparison(score: quality, isGenuine: true))
        identities.append((person, person))
        let other = (person + 1 + random.index(below: people - 1)) % people
        comparisons.append(Comparison(score: -2, isGenuine: false))
        identities.append((person, other))
      }
    }
    return (comparisons, identities)
  }

  @Test("is as wide as the number of people says, not the number of pairs")
  func width() throws {
    let (comparisons, identities) = dependent(people: 50, images: 40)
    let evaluation = try #require(Evaluation(comparisons, threshold: 0))
    let bootstrap = try #require(
      IdentityBootstrap(
        comparisons, identities: identities, isCorrect: evaluation.isCorrect))
    #expect(bootstrap.replicates == 1_000)
    // Half of the decisions are right in every replicate; the others follow from 50 people.
    let people = Double(evaluation.decisions.trueAccepts) / 40 / 50
    let deviation = (people * (1 - people) / 50).squareRoot() / 2
    let width = bootstrap.accuracy.upperBound - bootstrap.accuracy.lowerBound
    #expect(abs(width / (2 * 1.96 * deviation) - 1) < 0.15)
    #expect(bootstrap.accuracy.contains(evaluation.accuracy))
    #expect(bootstrap.auc == 1...1)
  }

  @Test("has the figures of the comparisons, each as often as its people are drawn")
  func replicate() throws {
    let comparisons = scores(seed: 3, count: 400)
    let identities = comparisons.indices.map { place in
      comparisons.genuine[place] ? (place, place) : (place, (place + 1) % comparisons.count)
    }
    let evaluation = try #require(Evaluation(comparisons))
    // One replicate, whose draws are repeated here.
    let one = try #require(
      IdentityBootstrap(
        comparisons, identities: identities, isCorrect: evaluation.isCorrect, replicates: 1))
    var random = RandomStream(seed: 0, "bootstrap", 0)
    var drawn = [Int](repeating: 0, count: 400)
    for _ in 0..<400 { drawn[random.index(below: 400)] += 1 }
    var (repeated, correct) = (Comparisons(), 0)
    for (place, people) in identities.enumerated() {
      let often = drawn[people.0] * (people.0 == people.1 ? 1 : drawn[people.1])
      for _ in 0..<often { repeated.append(comparisons[place]) }
      if evaluation.isCorrect[place] { correct += often }
    }
    let expected = try #require(ROC(repeated))
    #expect(repeated.count > 100 && repeated.count != 400)
    #expect(abs(one.auc.lowerBound - expected.auc) < 1e-12)
    #expect(abs(one.eer.lowerBound - expected.equalError.rate) < 1e-12)
    #expect(abs(one.accuracy.lowerBound - Double(correct) / Double(repeated.count)) < 1e-12)
    let bootstrap = try #require(
      IdentityBootstrap(
        comparisons, identities: identities, isCorrect: evaluation.isCorrect))
    #expect(bootstrap.auc.contains(evaluation.roc.auc))
    #expect(bootstrap.eer.contains(evaluation.roc.equalError.rate))
    #expect(bootstrap.auc.upperBound - bootstrap.auc.lowerBound < 0.2)
    #expect(
      bootstrap
        == IdentityBootstrap(
          comparisons, identities: identities, isCorrect: evaluation.isCorrect))
  }

  @Test("is around the mean over folds, where that is the accuracy")
  func folds() throws {
    // 30 people: those of the first fold have 20 right comparisons each, those of the second fold two
    // wrong ones.
    var (comparisons, identities, isCorrect) = (Comparisons(), [(Int, Int)](), [Bool]())
    for person in 0..<30 {
      let isFirst = person < 15
      for place in 0..<(isFirst ? 20 : 2) {
        comparisons.append(
          Comparison(score: 0, isGenuine: place % 2 == 0, fold: isFirst ? 1 : 2))
        identities.append((person, place % 2 == 0 ? person : (person + 1) % 30))
        isCorrect.append(isFirst)
      }
    }
    func interval(_ isMean: Bool) throws -> ClosedRange<Double> {
      try #require(
        IdentityBootstrap(
          comparisons, identities: identities, isCorrect: isCorrect, isMeanOverFolds: isMean)
      ).accuracy
    }
    #expect(try interval(true).contains(0.5) && !interval(true).contains(300.0 / 330))
    #expect(try interval(false).contains(300.0 / 330) && !interval(false).contains(0.5))
  }

  @Test("counts an impostor comparison only where both of its people are drawn")
  func product() throws {
    // All impostor comparisons are with person 0, who is drawn in 1 - 1 / e of the replicates.
    var (comparisons, identities) = (Comparisons(), [(Int, Int)]())
    for person in 1..<40 {
      comparisons.append(Comparison(score: 1, isGenuine: true))
      comparisons.append(Comparison(score: 0, isGenuine: false))
      identities += [(person, person), (person, 0)]
    }
    let bootstrap = try #require(
      IdentityBootstrap(
        comparisons, identities: identities,
        isCorrect: [Bool](repeating: true, count: comparisons.count)))
    #expect((570...700).contains(bootstrap.replicates))
  }

  @Test("counts a person as often as it is drawn")
  func multiplicity() throws {
    // 200 independent people with one genuine comparison each, three of five right, and few impostor
    // comparisons: the fraction has the deviation sqrt(p (1 - p) / 200). Counted once each, the
    // people of a replicate would give three quarters of it.
    var (comparisons, identities) = (Comparisons(), [(Int, Int)]())
    for person in 0..<200 {
      comparisons.append(Comparison(score: 1, isGenuine: true))
      identities.append((person, person))
    }
    for person in 0..<10 {
      comparisons.append(Comparison(score: 0, isGenuine: false))
      identities.append((20 * person, 20 * person + 1))
    }
    let correct = comparisons.indices.map { $0 >= 200 || $0 % 5 < 3 }
    let bootstrap = try #require(
      IdentityBootstrap(comparisons, identities: identities, isCorrect: correct))
    let deviation = (0.6 * 0.4 / 200).squareRoot()
    let width = bootstrap.accuracy.upperBound - bootstrap.accuracy.lowerBound
    #expect(abs(width / (2 * 1.96 * deviation) - 1) < 0.12, "\(width)")
  }

  @Test("is not given for a handful of people or for too many comparisons")
  func refuses() throws {
    let (comparisons, identities) = dependent(people: 9, images: 3)
    let correct = [Bool](repeating: true, count: comparisons.count)
    #expect(IdentityBootstrap(comparisons, identities: identities, isCorrect: correct) == nil)
  }
}

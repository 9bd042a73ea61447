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
    let proportions = [[0, 10], [10, 10], [1, 3000], [300, 3000], [2, 5], [1500, 1500], [0, 1]]
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
    #expect(abs(width / (2 * 1.96 * deviation) - 1) < 0.25)
    #expect(bootstrap.accuracy.contains(evaluation.accuracy))
    #expect(bootstrap.auc == 1...1)
  }

  @Test("has the figures of the comparisons if everybody is drawn once")
  func unweighted() throws {
    let comparisons = scores(seed: 3, count: 400)
    // One replicate of people who are all different: intervals contain the figures.
    let identities = comparisons.indices.map { place in
      comparisons.genuine[place] ? (place, place) : (place, (place + 1) % comparisons.count)
    }
    let evaluation = try #require(Evaluation(comparisons))
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

  @Test("is not given for a handful of people or for too many comparisons")
  func refuses() throws {
    let (comparisons, identities) = dependent(people: 9, images: 3)
    let correct = [Bool](repeating: true, count: comparisons.count)
    #expect(IdentityBootstrap(comparisons, identities: identities, isCorrect: correct) == nil)
  }
}

@Suite("A table of counts")
struct CountTableTests {
  /// Rows of the CFPW report's appendix G.
  private static let rows = "\(Surroundings.data)/../vectors/cfpw-report-rates.txt"

  @Test(
    "has the equal error rate of the CFPW report's rows",
    .enabled(if: FileManager.default.fileExists(atPath: Self.rows)))
  func report() throws {
    let text = try String(contentsOfFile: Self.rows, encoding: .utf8)
    let table = try CountTable.parse(text)
    #expect(table.rows.count == 20)
    let error = try #require(table.equalError)
    // RECIPES.md 2.5: 0.37369 at 5.81e-7 of twenty rows; 0.37395 of the nineteen that are printed.
    #expect(abs(error.rate - 0.37369) < 5e-6 && abs(error.threshold - 5.81e-7) < 5e-10)
    let printed = try CountTable(table.rows.filter { $0.threshold != 3e-7 })
    #expect(abs((printed.equalError?.rate ?? 0) - 0.37395) < 5e-6)
    #expect(abs(table.auc - 0.657) < 5e-4)
  }

  @Test("is read as CSV and as groups of lines, in any order")
  func forms() throws {
    let csv = "\u{FEFF}Threshold,GA,FA,FR,GR\r\n0.1,9,5,1,5\r\n0.9,5,1,5,9\r\n"
    let groups = "0.9\n5 1 5 9\n0.5\n0.1\n0.5\n0.9\n\n0.1\n9 5 1 5\n"
    #expect(try CountTable.parse(csv) == CountTable.parse(groups))
    // FAR 0.1 and FRR 0.5, then 0.5 and 0.1: they cross in the middle.
    let error = try #require(try CountTable.parse(csv).equalError)
    #expect(abs(error.rate - 0.3) < 1e-12 && abs(error.threshold - 0.5) < 1e-12)
  }

  @Test("is refused where it contradicts itself")
  func refuses() {
    let cases: [(String, CountTable.Failure)] = [
      ("1\n5 1 5 9\n0.4\n0.1\n0.5\n0.9\n", .wrongRate(line: 3, rate: 0.4, expected: 0.5)),
      ("threshold,ga,fa,fr,gr\n1,5,1,5,9\n0.5,5,1,5,8\n", .unequalTotals(threshold: 0.5)),
      ("threshold,ga,fa,fr,gr\n1,5,1,5,9\n0.5,4,1,6,9\n", .notMonotone(threshold: 0.5)),
      ("threshold,ga,fa,fr,gr\n1,5,1,5,9\n", .tooFewRows),
      ("threshold,ga,fa,fr,gr\n1,0,1,0,9\n0,0,2,0,8\n", .oneSided),
      (
        "threshold,ga,fa,fr,gr\n1,5,1,5\n",
        .malformed(line: 2, reason: "4 fields where the first line names 5")
      ),
      (
        "1\n5 1 5\n",
        .malformed(line: 2, reason: "the four counts GA, FA, FR and GR are needed")
      ),
    ]
    for (text, expected) in cases {
      #expect(throws: expected) { try CountTable.parse(text) }
    }
  }

  @Test("has no equal error rate where the rates do not cross")
  func uncrossed() throws {
    let table = try CountTable.parse("threshold,ga,fa,fr,gr\n2,1,0,9,10\n1,2,0,8,10\n")
    #expect(table.equalError == nil)
  }
}

@Suite("Claims of every identity")
struct ClaimMatrixTests {
  /// Three probes of two identities, and a third identity without probes.
  private let matrix = ClaimMatrix(
    scores: [
      5, 1, 2,
      3, 4, 3,
      6, 4, 4,
    ], own: [0, 0, 1], identities: 3)

  @Test("are counted as genuine and impostor")
  func counts() throws {
    #expect(matrix.trueClaims == 3 && matrix.falseClaims == 6)
    let roc = try #require(matrix.roc)
    #expect(roc.genuineScores == [5, 4, 3] && roc.impostorScores == [6, 4, 4, 3, 2, 1])
    let decisions = roc.decisions(at: 4)
    #expect(decisions.trueAccepts == 2 && decisions.falseAccepts == 3)
  }

  @Test("rank the own identity behind all equal ones")
  func ranks() {
    // Probe 1 has its own at 3 behind 4 and beside another 3; probe 2 at 4 beside 4 behind 6.
    #expect(matrix.ranks == [1, 3, 3])
    #expect(matrix.cumulativeMatches == [1.0 / 3, 1.0 / 3, 1])
  }

  @Test("identify in an open set at a false alarm rate")
  func openSet() throws {
    // Best scores of others: 2, 4 and 6. The only probe at rank 1 has 5.
    let third = try #require(matrix.openSetPoint(atFAR: 0.34))
    #expect(third.falseAlarms == 1 && third.detected == 1 && third.threshold == 5)
    #expect(matrix.openSetPoint(atFAR: 0.3) == nil)
    let all = try #require(matrix.openSetPoint(atFAR: 1))
    #expect(all.falseAlarms == 3 && all.detected == 1)
  }
}

@Suite("Two dimensions")
struct ProjectionTests {
  @Test("are the directions in which points vary most")
  func components() {
    // Points on a line in direction (3, 4, 0) with a small variation along the third axis.
    let weights: [Float] = [-2, -1, 0, 1, 2]
    let values = weights.enumerated().flatMap { place, weight -> [Float] in
      [3 * weight, 4 * weight, place % 2 == 0 ? 0.1 : -0.15]
    }
    let places = PrincipalComponents.project(values, length: 3)
    for (place, weight) in zip(places, weights) {
      #expect(abs(place.x - Double(weight) * 5) < 1e-4)
      #expect(abs(place.y) < 0.2)
    }
  }

  @Test("keep neighbours together in a map of t-SNE")
  func neighbours() {
    var random = RandomStream(seed: 1, "clusters")
    let values = (0..<60).flatMap { place -> [Float] in
      (0..<10).map { Float(random.normal()) + ($0 == place / 20 ? 20 : 0) }
    }
    let places = NeighbourEmbedding.project(values, length: 10, perplexity: 10)
    for one in 0..<60 {
      let nearest = (0..<60).filter { $0 != one }.min { left, right in
        func distance(_ other: Int) -> Double {
          let (x, y) = (places[other].x - places[one].x, places[other].y - places[one].y)
          return x * x + y * y
        }
        return distance(left) < distance(right)
      }
      #expect((nearest ?? -1) / 20 == one / 20)
    }
  }
}

import Foundation
import Randomness
import TestSupport
import Testing

@testable import Evaluate

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

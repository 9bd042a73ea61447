import CKernels
import Randomness
import Testing

@testable import Neural

@Suite("A score of embeddings")
struct ScoreRuleTests {
  private func rows(_ count: Int, _ length: Int, seed: Int) -> EmbeddingRows {
    var random = RandomStream(seed: seed, "embeddings")
    return EmbeddingRows(
      values: (0..<count * length).map { _ in Float(random.normal()) }, length: length)
  }

  /// Rules with the score of two rows in double precision.
  private func rules(
    _ length: Int
  ) -> [(rule: ScoreRule, score: ([Double], [Double]) -> Double)] {
    let weights = rows(1, length, seed: 9).values
    func sum(_ a: [Double], _ b: [Double], _ term: (Int, Double) -> Double) -> Double {
      a.indices.reduce(0) { $0 + term($1, a[$1] - b[$1]) }
    }
    func euclidean(_ a: [Double], _ b: [Double]) -> Double { sum(a, b) { $1 * $1 }.squareRoot() }
    func cosine(_ a: [Double], _ b: [Double]) -> Double {
      let (aa, bb) = (a.reduce(0) { $0 + $1 * $1 }, b.reduce(0) { $0 + $1 * $1 })
      let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
      return aa > 0 && bb > 0 ? product / (aa * bb).squareRoot() : 0
    }
    return [
      (.distance(.euclidean), { -euclidean($0, $1) }),
      (.distance(.squaredEuclidean), { a, b in -sum(a, b) { $1 * $1 } }),
      (.distance(.l1), { a, b in -sum(a, b) { abs($1) } }),
      (.distance(.cosine), { cosine($0, $1) - 1 }),
      (
        .weightedDifference(weights: weights, bias: 0.25),
        { a, b in 0.25 + sum(a, b) { Double(weights[$0]) * abs($1) } }
      ),
      (
        .weightedDistance(.euclidean, weight: -1.5, bias: 2),
        { 2 - 1.5 * euclidean($0, $1) }
      ),
      (
        .weightedDistance(.cosine, weight: -1.5, bias: 2),
        { 2 - 1.5 * (1 - cosine($0, $1)) }
      ),
    ]
  }

  // Lengths with and without a rest of a vector, numbers of rows with and without a rest of a block.
  @Test("is the formula, alone and in a matrix", arguments: [1, 15, 16, 50, 4_096])
  func formulas(length: Int) {
    let (left, right) = (rows(5, length, seed: 1), rows(7, length, seed: 2))
    func doubles(_ rows: EmbeddingRows, _ row: Int) -> [Double] { rows.row(row).map(Double.init) }
    let all = EmbeddingRows(values: left.values + right.values, length: length)
    for (rule, score) in rules(length) {
      let matrix = rule.matrix(left, right)
      for i in 0..<5 {
        for j in 0..<7 {
          let expected = score(doubles(left, i), doubles(right, j))
          let scale = max(1, abs(expected))
          #expect(abs(Double(matrix[i * 7 + j]) - expected) / scale < 2e-5, "\(rule.title)")
          // Not a bit depends on what else is scored.
          #expect(rule.scores(all, pairs: [(left: i, right: 5 + j)]) == [matrix[i * 7 + j]])
        }
      }
    }
  }

  @Test("of an embedding with itself is the highest, and an embedding of 0 has no direction")
  func identical() {
    let both = EmbeddingRows(values: [3, 4, 0, 0], length: 2)
    #expect(ScoreRule.distance(.euclidean).matrix(both, both) == [0, -5, -5, 0])
    let cosine = ScoreRule.distance(.cosine).matrix(both, both)
    #expect(abs(cosine[0]) < 1e-6 && cosine[1] == -1 && cosine[3] == -1)
  }

  @Test("of a trained head is the head's own")
  func heads() throws {
    let length = 37
    let pair = rows(2, length, seed: 5)
    for head: any PairHead in [
      try WeightedDifferenceHead(length: length, seed: 3, isTrainable: true),
      try WeightedDistanceHead(
        WeightedDistance(distance: .cosine), length: length, seed: 3, isTrainable: true),
    ] {
      pair.withRows { start in
        let expected = head.score(start, start + length)
        let found = head.rule.scores(pair, pairs: [(left: 0, right: 1)])[0]
        #expect(abs(found - expected) < 1e-4)
      }
    }
  }

  @Test("names the first row that is not finite")
  func faults() {
    #expect(EmbeddingRows(values: [1, 2, 3, .nan], length: 2).faultyRow == 1)
    #expect(EmbeddingRows(values: [1, 2], length: 2).faultyRow == nil)
  }
}

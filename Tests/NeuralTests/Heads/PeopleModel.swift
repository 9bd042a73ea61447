import Foundation
import Randomness
import Testing

@testable import Neural

/// The normal distributions of joint Bayesian scores, computed by their definitions.
enum PeopleModel {
  /// Embeddings of people whose images differ from their means, `images` of each person.
  static func drawn(
    people: Int, images: (Int) -> Int, length: Int
  ) -> (rows: EmbeddingRows, people: [Int]) {
    var random = RandomStream(seed: 4, "people")
    var (values, owners): ([Float], [Int]) = ([], [])
    for person in 0..<people {
      let mean = (0..<length).map { Double($0 + 1) * random.normal() + 3 }
      for _ in 0..<images(person) {
        let shared = random.normal()
        // What differs within a person is correlated: each coordinate has a part of `shared`.
        values += mean.map { Float($0 + 0.7 * random.normal() + 0.5 * shared) }
        owners.append(person)
      }
    }
    return (EmbeddingRows(values: values, length: length), owners)
  }

  /// The logarithm of the density of a normal distribution with mean 0, by elimination.
  static func logDensity(_ covariance: [[Double]], _ point: [Double]) -> Double {
    var (matrix, solved) = (covariance, point)
    var logDeterminant = 0.0
    for pivot in matrix.indices {
      logDeterminant += log(matrix[pivot][pivot])
      for row in matrix.indices where row > pivot {
        let factor = matrix[row][pivot] / matrix[pivot][pivot]
        for column in matrix.indices { matrix[row][column] -= factor * matrix[pivot][column] }
        solved[row] -= factor * solved[pivot]
      }
    }
    // L D L^T: the squares of the eliminated values over the pivots.
    let square = matrix.indices.reduce(0.0) { $0 + solved[$1] * solved[$1] / matrix[$1][$1] }
    return -(Double(point.count) * log(2 * Double.pi) + logDeterminant + square) / 2
  }

  /// The two covariances as their definition says, without the code under test.
  static func covariances(
    _ rows: EmbeddingRows, _ people: [Int]
  ) -> (mean: [Double], within: [[Double]], between: [[Double]]) {
    let length = rows.length
    let points = (0..<rows.count).map { rows.row($0).map(Double.init) }
    func mean(_ points: [[Double]]) -> [Double] {
      (0..<length).map { place in points.reduce(0) { $0 + $1[place] } / Double(points.count) }
    }
    let whole = mean(points)
    let groups = Dictionary(grouping: points.indices) { people[$0] }
    let means = groups.mapValues { mean($0.map { points[$0] }) }
    let divisor = Double(points.count - groups.count)
    func covariance(_ divisor: Double, _ centre: (Int) -> [Double]) -> [[Double]] {
      (0..<length).map { row in
        (0..<length).map { column in
          points.indices.reduce(0.0) {
            $0 + (points[$1][row] - centre($1)[row]) * (points[$1][column] - centre($1)[column])
          } / divisor
        }
      }
    }
    let within = covariance(divisor) { means[people[$0]] ?? whole }
    let total = covariance(Double(points.count - 1)) { _ in whole }
    let between = zip(total, within).map { zip($0, $1).map { $0 - $1 } }
    return (whole, within, between)
  }

  /// Expects that scores depend on neither the order of two embeddings nor on others, to the bit.
  static func expectIndependent(_ model: JointBayesian, _ rows: EmbeddingRows) {
    let projected = model.project(rows)
    let matrix = model.rule.matrix(projected, projected)
    for (left, right) in [(0, 1), (3, 80), (44, 45)] {
      let alone = model.rule.scores(
        projected, pairs: [(left: left, right: right), (left: right, right: left)])
      let place = left * rows.count + right
      #expect(alone == [matrix[place], matrix[place]])
      #expect(model.project(rows[left..<left + 1]).values == Array(projected.row(left)))
    }
  }
}

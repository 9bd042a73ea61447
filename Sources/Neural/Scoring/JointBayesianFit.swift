internal import COpenBLAS
import Foundation

/// How ``JointBayesian`` is fitted.
public struct JointBayesianFit: Codable, Sendable, Equatable {
  /// The part of the mean variance within a person that is added to each; defaults to 0.1.
  ///
  /// At least 0. It matters where the images are few.
  public let shrinkage: Double?

  /// Creates a fit with a shrinkage; `nil` for the default.
  public init(shrinkage: Double? = nil) {
    self.shrinkage = shrinkage
  }

  /// The shrinkage that is used.
  public var shrinkageOrDefault: Double { shrinkage ?? 0.1 }

  /// Components with less variance between people, relative to that within a person, add nothing.
  private static let leastVariance = 1e-6

  /// Throws if the shrinkage is negative or not finite.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public func check() throws(NeuralError) {
    guard let shrinkage, !(shrinkage >= 0 && shrinkage.isFinite) else { return }
    throw .badOption(what: "joint-bayesian", reason: "shrinkage must be at least 0")
  }

  /// Fits the score to embeddings of known people.
  ///
  /// The variance within a person is that around the mean of the person, over the people with at
  /// least two images; the variance between people is the rest of the total one. Computed in double
  /// precision with OpenBLAS, whose results depend on the processor and the number of threads.
  ///
  /// - Parameters:
  ///   - rows: the embeddings.
  ///   - people: the number of each embedding's person.
  ///   - usesDirections: whether embeddings are divided by their Euclidean length first.
  /// - Returns: the score.
  /// - Throws: ``NeuralError`` if no person has two images, or people cannot be told apart.
  public func fit(
    _ rows: EmbeddingRows, people: [Int], usesDirections: Bool
  ) throws(NeuralError) -> JointBayesian {
    precondition(rows.count == people.count, "one person for each embedding")
    let inputs = usesDirections ? rows.directions : rows
    let moments = Moments(inputs, people)
    guard moments.repeats > 0 else {
      throw .badOption(
        what: "joint-bayesian", reason: "no person has two training images to compare")
    }
    let length = inputs.length
    var within = moments.within
    let trace = (0..<length).reduce(0.0) { $0 + within[$1 * length + $1] }
    let added = shrinkageOrDefault * trace / Double(length)
    let between = zip(moments.total, within).map { $0 - $1 }
    for place in 0..<length { within[place * length + place] += added }

    // The coordinates in which the variance within a person is 1.
    let (variances, axes) = try Self.eigen(within, length)
    let least = Self.leastVariance * (variances.last ?? 0)
    let whitening = variances.indices.filter { variances[$0] > max(least, 0) }.map { component in
      axes[component].map { $0 / variances[component].squareRoot() }
    }
    let size = whitening.count
    guard size > 0 else {
      throw .badOption(what: "joint-bayesian", reason: "all embeddings of a person are equal")
    }
    let half = whitening.map { Self.product(between, $0, length) }
    let turned = half.flatMap { column in whitening.map { Self.dot($0, column) } }
    let (ratios, directions) = try Self.eigen(turned, size)

    var (matrix, curvatures): ([Float], [Float]) = ([], [])
    var bias = 0.0
    for component in ratios.indices.reversed() where ratios[component] > Self.leastVariance {
      let ratio = ratios[component]
      let scale = (ratio / (1 + 2 * ratio)).squareRoot()
      for place in 0..<length {
        let value = (0..<size).reduce(0.0) {
          $0 + directions[component][$1] * whitening[$1][place]
        }
        matrix.append(Float(scale * value))
      }
      curvatures.append(Float(ratio / (1 + ratio)))
      bias += log((1 + ratio) / (1 + 2 * ratio).squareRoot())
    }
    guard
      let model = JointBayesian(
        usesDirections: usesDirections, mean: moments.mean.map(Float.init), matrix: matrix,
        curvatures: curvatures, bias: Float(bias))
    else {
      throw .badOption(
        what: "joint-bayesian", reason: "the embeddings of different people do not differ")
    }
    return model
  }

  private static func dot(_ left: [Double], _ right: [Double]) -> Double {
    var sum = 0.0
    for place in left.indices { sum += left[place] * right[place] }
    return sum
  }

  private static func product(_ matrix: [Double], _ vector: [Double], _ size: Int) -> [Double] {
    (0..<size).map { row in
      var sum = 0.0
      for column in 0..<size { sum += matrix[row * size + column] * vector[column] }
      return sum
    }
  }

  /// The eigenvalues of a symmetric matrix, ascending, and its eigenvectors.
  private static func eigen(
    _ matrix: [Double], _ size: Int
  ) throws(NeuralError) -> (values: [Double], vectors: [[Double]]) {
    var (matrix, values) = (matrix, [Double](repeating: 0, count: size))
    guard size > 0, copenblas_symmetric_eigen(Int32(size), &matrix, &values) == 0 else {
      throw .library(layer: "joint-bayesian", operation: "eigenvectors by LAPACK's dsyevd")
    }
    return (values, (0..<size).map { Array(matrix[$0 * size..<($0 + 1) * size]) })
  }
}

/// The mean and the variances of embeddings of known people.
private struct Moments {
  /// The mean of all embeddings.
  let mean: [Double]
  /// The covariance of all embeddings, `[length, length]`.
  let total: [Double]
  /// The covariance around the means of the people, `[length, length]`.
  let within: [Double]
  /// The number of embeddings beyond the first of each person.
  let repeats: Int

  init(_ rows: EmbeddingRows, _ people: [Int]) {
    let length = rows.length
    var sums: [Int: (count: Int, sum: [Double])] = [:]
    var whole = [Double](repeating: 0, count: length)
    for (row, person) in people.enumerated() {
      let values = rows.row(row).map(Double.init)
      var known = sums[person] ?? (0, [Double](repeating: 0, count: length))
      sums[person] = nil
      known.count += 1
      for place in 0..<length {
        known.sum[place] += values[place]
        whole[place] += values[place]
      }
      sums[person] = known
    }
    let count = Double(people.count)
    let mean = whole.map { $0 / count }
    var (all, own) = (rows.values.map(Double.init), rows.values.map(Double.init))
    for (row, person) in people.enumerated() {
      guard let known = sums[person] else { continue }
      for place in 0..<length {
        all[row * length + place] -= mean[place]
        own[row * length + place] -= known.sum[place] / Double(known.count)
      }
    }
    self.mean = mean
    repeats = people.count - sums.count
    total = Self.covariance(all, length, divisor: max(count - 1, 1))
    within = Self.covariance(own, length, divisor: Double(max(repeats, 1)))
  }

  private static func covariance(_ values: [Double], _ length: Int, divisor: Double) -> [Double] {
    var matrix = [Double](repeating: 0, count: length * length)
    copenblas_add_gram(Int32(values.count / length), Int32(length), values, &matrix)
    for row in 0..<length {
      for column in row..<length {
        matrix[row * length + column] /= divisor
        matrix[column * length + row] = matrix[row * length + column]
      }
    }
    return matrix
  }
}

internal import COpenBLAS

/// Computes ``InputStatistics`` from the training images.
///
///     let fit = try NormalisationFit(.zca, input: shape)
///     for _ in 0..<fit.passes {
///       // add(_:rows:) of every image once, in the same order
///       fit.endPass()
///     }
///     let statistics = try fit.statistics()
///
/// Moments are sums of integers, so they are exact and do not depend on the order of the images.
/// The covariance is summed in double precision. A class because it owns the sums.
public final class NormalizationFit {
  /// Number of passes over the images: 0, 1 or 2.
  public let passes: Int

  private let kind: InputNormalization
  private let input: ActivationShape
  private var pass = 0
  private var count = 0
  /// The sum and the sum of squares of every feature.
  private var sums: [UInt64]
  private var squares: [UInt64]
  private var mean: [Double] = []
  private var deviation: [Double] = []
  private var covariance: [Double] = []

  /// Creates a fit of a normalisation of rows of shape `input`.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)`` if there are too many features.
  public init(_ kind: InputNormalization, input: ActivationShape) throws(NeuralError) {
    try kind.check(input)
    self.kind = kind
    self.input = input
    passes = kind.passes
    sums = [UInt64](repeating: 0, count: input.count)
    squares = sums
  }

  /// Adds images, `[rows] + input`, to the current pass.
  public func add(_ bytes: UnsafePointer<UInt8>, rows: Int) {
    if pass == 0 {
      count += rows
      addMoments(bytes, rows: rows)
    } else {
      addCovariance(bytes, rows: rows)
    }
  }

  /// Ends a pass, after every image was added once.
  public func endPass() {
    if pass == 0 { finishMoments() }
    pass += 1
  }

  /// The statistics of the images.
  ///
  /// - Returns: the statistics; none for a normalisation that uses none.
  /// - Throws: ``NeuralError/library(layer:operation:)`` if LAPACK finds no eigenvectors.
  /// - Precondition: Every pass has ended.
  public func statistics() throws(NeuralError) -> InputStatistics {
    precondition(pass == passes, "\(pass) passes of \(passes) are over")
    guard passes > 0 else { return .none }
    return InputStatistics(
      mean: mean.map(Float.init), deviation: deviation.map(Float.init),
      whitening: kind == .zca ? try whitening() : [])
  }

  private func addMoments(_ bytes: UnsafePointer<UInt8>, rows: Int) {
    let size = input.count
    sums.withUnsafeMutableBufferPointer { sums in
      squares.withUnsafeMutableBufferPointer { squares in
        for row in 0..<rows {
          for feature in 0..<size {
            let value = UInt32(bytes[row * size + feature])
            sums[feature] &+= UInt64(value)
            squares[feature] &+= UInt64(value &* value)
          }
        }
      }
    }
  }

  private func finishMoments() {
    let groups = InputStatistics.count(kind, input: input)
    var sum = [UInt64](repeating: 0, count: groups)
    var square = sum
    for feature in sums.indices {
      sum[feature % groups] += sums[feature]
      square[feature % groups] += squares[feature]
    }
    let values = UInt64(max(count, 1)) * UInt64(input.count / groups)
    mean = sum.map { Double($0) / Double(values) }
    // n times the sum of squares minus the square of the sum: exact, so equal values give exactly
    // 0.
    deviation = zip(sum, square).map { sum, square in
      let spread = UInt128(values) * UInt128(square) - UInt128(sum) * UInt128(sum)
      return Double(spread).squareRoot() / Double(values)
    }
  }

  private func addCovariance(_ bytes: UnsafePointer<UInt8>, rows: Int) {
    let size = input.count
    if covariance.isEmpty { covariance = [Double](repeating: 0, count: size * size) }
    let mean = mean
    let scale = deviation.map { $0 > 0 ? 1 / ($0 + InputNormalizer.epsilon) : 0 }
    let standard = [Double](unsafeUninitializedCapacity: rows * size) { values, count in
      for row in 0..<rows {
        for feature in 0..<size {
          let place = row * size + feature
          values[place] = (Double(bytes[place]) - mean[feature]) * scale[feature]
        }
      }
      count = rows * size
    }
    copenblas_add_gram(Int32(rows), Int32(size), standard, &covariance)
  }

  /// The constant added to the diagonal of the covariance.
  static let ridge = 0.1

  /// V diag(1 / sqrt(eigenvalue)) V^T, as the product of one matrix with itself.
  private func whitening() throws(NeuralError) -> [Float] {
    let size = input.count
    var matrix = covariance
    covariance = []
    for row in 0..<size {
      for column in row..<size { matrix[row * size + column] /= Double(max(count, 1)) }
      matrix[row * size + row] += Self.ridge
    }
    var eigenvalues = [Double](repeating: 0, count: size)
    guard copenblas_symmetric_eigen(Int32(size), &matrix, &eigenvalues) == 0 else {
      throw .library(layer: "normalization zca", operation: "eigenvectors by LAPACK's dsyevd")
    }
    for row in 0..<size {
      let factor = 1 / max(eigenvalues[row], Self.ridge).squareRoot().squareRoot()
      for column in 0..<size { matrix[row * size + column] *= factor }
    }
    var product = [Double](repeating: 0, count: size * size)
    copenblas_add_gram(Int32(size), Int32(size), matrix, &product)
    return [Float](unsafeUninitializedCapacity: size * size) { values, count in
      for row in 0..<size {
        for column in row..<size {
          let value = Float(product[row * size + column])
          values[row * size + column] = value
          values[column * size + row] = value
        }
      }
      count = size * size
    }
  }
}

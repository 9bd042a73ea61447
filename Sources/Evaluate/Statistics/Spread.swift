/// The mean, the sample standard deviation and the standard error of a figure over folds.
public struct Spread: Sendable, Equatable {
  /// The mean.
  public let mean: Double
  /// The sample standard deviation, with n - 1 in the denominator; `nil` for one value.
  public let deviation: Double?
  /// The deviation / sqrt(n); `nil` for one value.
  public let error: Double?

  /// Computes the figures of one or more values.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "a mean needs a value")
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    guard values.count > 1 else {
      (deviation, error) = (nil, nil)
      return
    }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(values.count - 1)).squareRoot()
    self.deviation = deviation
    error = deviation / Double(values.count).squareRoot()
  }
}

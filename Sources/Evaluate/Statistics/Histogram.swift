/// The shares of values in intervals of equal width.
public struct Histogram: Sendable, Equatable {
  /// The lower end of the first interval.
  public let start: Double
  /// The width of an interval; positive.
  public let width: Double
  /// The share of each interval; their sum is 1, or 0 without values.
  public let shares: [Double]

  /// Counts values.
  ///
  /// - Parameters:
  ///   - values: the values; those outside of `range` count in the nearest interval.
  ///   - range: the range that is divided.
  ///   - bins: the number of intervals; at least 1.
  public init(_ values: [Double], range: ClosedRange<Double>, bins: Int) {
    precondition(bins > 0, "a histogram needs an interval")
    start = range.lowerBound
    width = max((range.upperBound - range.lowerBound) / Double(bins), 1e-12)
    var counts = [Int](repeating: 0, count: bins)
    for value in values {
      let place = ((value - range.lowerBound) / width).rounded(.down)
      counts[Int(min(max(place, 0), Double(bins - 1)))] += 1
    }
    let total = Double(max(1, values.count))
    shares = counts.map { Double($0) / total }
  }
}

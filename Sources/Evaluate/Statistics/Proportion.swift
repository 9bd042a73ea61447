import Foundation

/// A number of events among a number of independent trials, such as false accepts among impostor
/// comparisons.
public struct Proportion: Sendable, Equatable {
  /// Number of events.
  public let count: Int
  /// Number of trials; at least 1.
  public let total: Int

  /// Creates a proportion; `nil` without trials.
  public init?(_ count: Int, of total: Int) {
    guard total > 0 else { return nil }
    precondition((0...total).contains(count), "\(count) events among \(total) trials")
    self.count = count
    self.total = total
  }

  /// The fraction, in 0...1.
  public var rate: Double { Double(count) / Double(total) }

  /// The Clopper-Pearson interval, which contains the true rate with at least the given confidence if
  /// the trials are independent.
  ///
  /// Comparisons that share a person are not: ``IdentityBootstrap`` accounts for that.
  ///
  /// Source: Clopper and Pearson, Biometrika 26, 1934.
  ///
  /// - Parameter confidence: the confidence, in 0..<1.
  /// - Returns: the interval, within 0...1.
  public func interval(confidence: Double = 0.95) -> ClosedRange<Double> {
    let tail = (1 - confidence) / 2
    let (events, rest) = (Double(count), Double(total - count))
    let lower =
      count == 0 ? 0 : IncompleteBeta(a: events, b: rest + 1).argument(for: tail)
    let upper =
      count == total ? 1 : IncompleteBeta(a: events + 1, b: rest).argument(for: 1 - tail)
    return lower...upper
  }
}

/// The regularised incomplete beta function I(x; a, b) and its inverse.
struct IncompleteBeta {
  let a: Double
  let b: Double

  /// I(x; a, b), for x in 0...1.
  func value(_ x: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let factor = exp(
      lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    // The fraction converges quickly on one side of the mean; the other follows by symmetry.
    guard x > (a + 1) / (a + b + 2) else { return factor * fraction(x, a, b) / a }
    return 1 - factor * fraction(1 - x, b, a) / b
  }

  /// The continued fraction of the function, by Lentz's method.
  ///
  /// Source: DLMF 8.17.22.
  private func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / kept(1 - (a + b) * x / (a + 1))
    var result = d
    for step in 1...10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / kept(1 + even * d)
      c = kept(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / kept(1 + odd * d)
      c = kept(1 + odd / c)
      result *= d * c
      if abs(d * c - 1) < 1e-15 { break }
    }
    return result
  }

  /// The x with I(x; a, b) = `probability`, by bisection.
  func argument(for probability: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if value(middle) < probability { low = middle } else { high = middle }
    }
    return low + (high - low) / 2
  }
}

import Foundation

/// The scale of an axis.
public enum AxisScale: Sendable {
  /// Equal differences are equally long.
  case linear
  /// Equal ratios are equally long; the range must be positive.
  case logarithmic
  /// The quantiles of the normal distribution, for rates: the axes of a DET curve. The range must be
  /// within 0...1, without both ends.
  ///
  /// Source: Martin, Doddington, Kamm, Ordowski and Przybocki, The DET curve in assessment of
  /// detection task performance, 1997.
  case normalDeviate

  /// The place of a value on an axis of length 1; values outside of the range get its nearest end,
  /// except on a linear axis.
  func fraction(of value: Double, in range: ClosedRange<Double>) -> Double {
    let value =
      self == .linear ? value : min(max(value, range.lowerBound), range.upperBound)
    let (low, high) = (position(range.lowerBound), position(range.upperBound))
    return (position(value) - low) / max(high - low, 1e-300)
  }

  private func position(_ value: Double) -> Double {
    switch self {
    case .linear: value
    case .logarithmic: log10(value)
    case .normalDeviate: NormalDeviate.of(value)
    }
  }

  /// Round numbers over a range.
  func ticks(_ range: ClosedRange<Double>) -> [Double] {
    switch self {
    case .linear: return Self.linearTicks(range)
    case .logarithmic:
      let powers =
        Int(log10(range.lowerBound).rounded(.down))...Int(log10(range.upperBound).rounded(.up))
      func ticks(_ steps: [Double]) -> [Double] {
        powers.flatMap { power in steps.map { $0 * pow(10, Double(power)) } }.filter {
          $0 >= range.lowerBound * 0.999 && $0 <= range.upperBound * 1.001
        }
      }
      let whole = ticks([1])
      return whole.count >= 3 ? whole : ticks([1, 2, 5])
    case .normalDeviate:
      return [0.0001, 0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99].filter(
        range.contains)
    }
  }

  /// About five round numbers over a range.
  static func linearTicks(_ range: ClosedRange<Double>) -> [Double] {
    let span = range.upperBound - range.lowerBound
    guard span > 0 else { return [range.lowerBound] }
    let rough = span / 5
    let power = pow(10, floor(log10(rough)))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? power * 10
    let first = Int((range.lowerBound / step - 1e-9).rounded(.up))
    let last = Int((range.upperBound / step + 1e-9).rounded(.down))
    return first <= last ? (first...last).map { Double($0) * step } : []
  }
}

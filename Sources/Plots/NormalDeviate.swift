import Foundation

/// The quantiles of the standard normal distribution, the scale of the axes of a DET curve.
public enum NormalDeviate {
  /// The x below which a standard normal variable lies with the given probability, in 0...1; infinite
  /// at both ends.
  public static func of(_ probability: Double) -> Double {
    guard probability > 0 else { return -.infinity }
    guard probability < 1 else { return .infinity }
    // Symmetry keeps the digits of small probabilities.
    guard probability <= 0.5 else { return -of(1 - probability) }
    var (low, high) = (-40.0, 0.0)
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if erfc(-middle / 2.0.squareRoot()) / 2 < probability { low = middle } else { high = middle }
    }
    return low + (high - low) / 2
  }
}

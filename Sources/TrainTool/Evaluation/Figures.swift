import Evaluate
import Foundation

/// How figures are printed.
enum Figures {
  /// A rate with four decimals, or a dash for an undefined one.
  static func rate(_ value: Double?) -> String {
    value.map { String(format: "%.4f", $0) } ?? "-"
  }

  /// An interval, in brackets.
  static func interval(_ interval: ClosedRange<Double>) -> String {
    "[\(rate(interval.lowerBound)), \(rate(interval.upperBound))]"
  }

  /// Six decimals: more are not meant by any figure of this tool.
  static func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }

  /// A threshold with as many digits as it needs.
  static func threshold(_ value: Double) -> String { String(format: "%.6g", value) }

  /// The row that says that a test is of a closed set; none for others.
  static func closedSetRow(_ isClosedSet: Bool) -> [[String]] {
    isClosedSet ? [["closed set", "the tested people were trained on, in other images"]] : []
  }

  /// The rate of a proportion with its counts and its interval.
  static func proportion(_ proportion: Proportion?) -> String {
    proportion.map { "\(rate($0.rate)) \(interval($0.interval()))" } ?? "-"
  }
}

extension [[String]] {
  /// Names and values in two columns.
  var asLines: String {
    let width = map { $0[0].count }.max() ?? 0
    return map {
      $0[0] + String(repeating: " ", count: width - $0[0].count + 2) + $0[1]
    }.joined(separator: "\n")
  }
}

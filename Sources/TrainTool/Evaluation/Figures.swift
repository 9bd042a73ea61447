import Evaluate
import Foundation

/// How figures are printed.
enum Figures {
  /// A rate with four decimals, or a dash for an undefined one.
  static func rate(_ value: Double?) -> String {
    value.map { String(format: "%.4f", $0) } ?? "-"
  }

  /// Six decimals: more are not meant by any figure of this tool.
  static func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }

  /// A threshold with as many digits as it needs.
  static func threshold(_ value: Double) -> String { String(format: "%.6g", value) }

  /// The rows that say that a test is of a closed set, or of people or images that were trained on;
  /// none for others.
  static func markRows(closedSet: Bool, contaminated: Bool?) -> [[String]] {
    (closedSet ? [["closed set", "the same people train and test, in different images"]] : [])
      + (contaminated == true
        ? [["CONTAMINATED", "the network was trained on tested people or images"]] : [])
  }
}

extension [String] {
  /// Warnings as sentences.
  var sentences: [String] { map { $0.prefix(1).uppercased() + $0.dropFirst() + "." } }
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

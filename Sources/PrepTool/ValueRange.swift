import ArgumentParser

/// A range of values as an argument: "10..20", "..20" or "10..", both ends included.
struct ValueRange: ExpressibleByArgument {
  private let low: Double
  private let high: Double

  init?(argument: String) {
    guard let dots = argument.firstRange(of: ".."),
      let low = Self.number(argument[..<dots.lowerBound], or: -.infinity),
      let high = Self.number(argument[dots.upperBound...], or: .infinity), low <= high
    else { return nil }
    self.low = low
    self.high = high
  }

  private static func number(_ text: Substring, or missing: Double) -> Double? {
    text.isEmpty ? missing : Double(text).flatMap { $0.isFinite ? $0 : nil }
  }

  func contains(_ value: Double) -> Bool { value >= low && value <= high }
}

import ArgumentParser

/// A number of bytes on the command line, as "20GB"; 1 GB is 10^9 bytes.
public struct ByteCount: ExpressibleByArgument, Sendable, CustomStringConvertible {
  /// The number.
  public let bytes: Int

  private static let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]

  /// Creates a number of bytes.
  public init(_ bytes: Int) { self.bytes = bytes }

  /// Reads a number with its unit; `nil` if it is not one.
  public init?(argument: String) {
    for (unit, factor) in Self.units where argument.lowercased().hasSuffix(unit.lowercased()) {
      guard let value = Double(argument.dropLast(unit.count)), value > 0, value * factor < 1e18
      else { return nil }
      bytes = Int(value * factor)
      return
    }
    return nil
  }

  /// The number in its largest unit, with one decimal.
  public var description: String {
    let (unit, factor) = Self.units.first { Double(bytes) >= $0.1 } ?? ("kB", 1e3)
    let value = (Double(bytes) / factor * 10).rounded() / 10
    return (value == value.rounded() ? "\(Int(value))" : "\(value)") + unit
  }
}

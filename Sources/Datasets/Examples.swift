/// How many there are of something, and the first few by name.
public struct Examples: Sendable, Equatable {
  /// How many.
  public private(set) var count = 0
  /// The first three.
  public private(set) var names: [String] = []

  /// None.
  public init() {}

  package mutating func add(_ name: String) {
    count += 1
    if names.count < 3 { names.append(name) }
  }

  package mutating func add(_ other: Examples) {
    count += other.count
    names += other.names.prefix(3 - names.count)
  }
}

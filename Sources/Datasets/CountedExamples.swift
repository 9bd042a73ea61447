/// A count of items, and the first few of their names.
public struct CountedExamples: Sendable, Equatable {
  /// Number of items.
  public private(set) var count = 0
  /// The first three names.
  public private(set) var names: [String] = []

  /// Creates an empty list.
  public init() {}

  package mutating func add(_ name: String) {
    count += 1
    if names.count < 3 { names.append(name) }
  }

  package mutating func add(_ other: CountedExamples) {
    count += other.count
    names += other.names.prefix(3 - names.count)
  }
}

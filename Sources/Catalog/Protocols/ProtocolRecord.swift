/// A protocol: the samples for training and test, and the pairs to compare.
public struct ProtocolRecord: Sendable {
  /// Its name in the store.
  public var name: String
  /// The kind of protocol, as "identity-split".
  public let kind: String
  /// The parameters of the protocol, as JSON with sorted keys.
  public var specification: String
  /// The samples of each part, in order.
  public let members: [Part: [Int]]
  /// The pairs of each part, in order.
  public var pairs: [Part: [Pair]]
  /// The listed pairs that cannot be compared, by number; the other pairs keep their numbers.
  public var missing: [Part: [MissingPair]]
  /// Images that the lists name and the store does not have, sorted; the audit records them.
  public var missingImages: [String] = []
  /// The numbers of intentionally omitted pairs, by part; the other pairs keep their numbers.
  public var dropped: [Part: Set<Int>] = [:]

  /// Creates a protocol with all its parts.
  public init(
    name: String, kind: String, specification: String, members: [Part: [Int]],
    pairs: [Part: [Pair]], missing: [Part: [MissingPair]] = [:]
  ) {
    self.name = name
    self.kind = kind
    self.specification = specification
    self.members = members
    self.pairs = pairs
    self.missing = missing
  }

  /// Returns the numbers of a part's pairs, without those of missing and dropped pairs.
  public func numbers(of part: Part) -> [Int] {
    let count = pairs[part]?.count ?? 0
    let left = Set((missing[part] ?? []).map(\.number)).union(dropped[part] ?? [])
    var numbers: [Int] = []
    numbers.reserveCapacity(count)
    var number = 1
    while numbers.count < count {
      if !left.contains(number) { numbers.append(number) }
      number += 1
    }
    return numbers
  }
}

/// A protocol: which samples train and test, and which pairs are compared.
public struct ProtocolRecord: Sendable {
  /// Its name in the store.
  public var name: String
  /// What made it, as "identity-split".
  public let kind: String
  /// How it was made, as JSON with sorted keys.
  public var specification: String
  /// The samples of each part, in order.
  public let members: [Part: [Int]]
  /// The pairs of each part, in order.
  public var pairs: [Part: [Pair]]
  /// The pairs of the list that cannot be compared, by number; the others keep theirs.
  public var missing: [Part: [MissingPair]]
  /// The images that its lists name and the store lacks, sorted; the audit records them.
  public var missingImages: [String] = []
  /// The numbers of pairs that were left out on purpose, by part; the others keep theirs.
  public var dropped: [Part: Set<Int>] = [:]

  /// A protocol with all its parts.
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

  /// The numbers of a part's pairs, which leave out those of the missing and dropped ones.
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

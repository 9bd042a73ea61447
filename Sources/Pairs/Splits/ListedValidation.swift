import Catalog
import Randomness

/// Sets a part of a protocol's listed training side apart for validation.
public struct ListedValidation: Sendable, Equatable {
  /// What stays together.
  public enum Unit: String, Sendable, Codable, CaseIterable {
    /// People: nobody is on both sides. People who are compared with one another in a pair stay
    /// together, so that no pair is lost.
    case identity
    /// Pairs: people are on both sides, as in an assignment report on LFW.
    case pair
  }

  /// The share of the training pairs that validate, in 0..<1.
  public let share: Double
  /// What stays together.
  public let unit: Unit
  /// The seed of the assignment.
  public let seed: Int

  /// Creates a description of the validation side.
  public init(share: Double, unit: Unit, seed: Int) {
    self.share = share
    self.unit = unit
    self.seed = seed
  }

  private static let train = Part(role: .train)
  private static let validation = Part(role: .validation)

  /// Returns the protocol with a validation side; pairs keep their numbers in the list.
  ///
  /// - Parameters:
  ///   - record: a protocol with listed training pairs and without folds.
  ///   - table: all samples of the store.
  ///   - links: the duplicates among them; people with an image in common stay together.
  /// - Returns: the protocol.
  public func apply(
    to record: ProtocolRecord, table: SampleTable, links: [DuplicateLink]
  ) -> ProtocolRecord {
    let pairs = record.pairs[Self.train] ?? []
    let chosen: Set<Int>
    var members = record.members
    switch unit {
    case .pair:
      var random = RandomStream(seed: seed, "validation pairs of a list")
      let count = Int((share * Double(pairs.count)).rounded())
      chosen = Set(pairs.indices.shuffled(using: &random).prefix(count))
      func samples(_ places: some Sequence<Int>) -> [Int] {
        Set(places.flatMap { [pairs[$0].left, pairs[$0].right] }).sorted()
      }
      members[Self.validation] = samples(chosen)
      members[Self.train] = samples(pairs.indices.filter { !chosen.contains($0) })
    case .identity:
      let owners = table.ownersByID
      let people = validating(pairs, members[Self.train] ?? [], owners, table, links)
      func isValidating(_ id: Int) -> Bool { people.contains(Int(owners[id])) }
      chosen = Set(pairs.indices.filter { isValidating(pairs[$0].left) })
      members[Self.validation] = (members[Self.train] ?? []).filter(isValidating)
      members[Self.train] = (members[Self.train] ?? []).filter { !isValidating($0) }
    }
    return parts(of: record, members: members, validating: chosen)
  }

  /// The protocol with the pairs at `chosen` places on the validation side.
  private func parts(
    of record: ProtocolRecord, members: [Part: [Int]], validating chosen: Set<Int>
  ) -> ProtocolRecord {
    let pairs = record.pairs[Self.train] ?? []
    let numbers = record.numbers(of: Self.train)
    var parts = record.pairs
    parts[Self.train] = pairs.indices.filter { !chosen.contains($0) }.map { pairs[$0] }
    parts[Self.validation] = chosen.sorted().map { pairs[$0] }
    var result = ProtocolRecord(
      name: record.name, kind: record.kind, specification: record.specification,
      members: members, pairs: parts, missing: record.missing)
    result.missingImages = record.missingImages
    result.dropped = record.dropped
    let (own, others) = (
      chosen.map { numbers[$0] }, numbers.indices.filter { !chosen.contains($0) }
    )
    result.dropped[Self.train, default: []].formUnion(own)
    // The missing pairs stay on the training side, and their numbers are no others' there.
    result.dropped[Self.validation] = Set(others.map { numbers[$0] })
      .union((record.missing[Self.train] ?? []).map(\.number))
      .union(record.dropped[Self.train] ?? [])
    return result
  }

  /// The indices of the people who validate: whole groups of people who are compared with one
  /// another, in random order, until they have the share of the pairs; and the share of the people
  /// who are in no pair.
  private func validating(
    _ pairs: [Pair], _ members: [Int], _ owners: [Int32], _ table: SampleTable,
    _ links: [DuplicateLink]
  ) -> Set<Int> {
    var groups = UnionFind()
    for (index, leader) in LinkedIdentities(table, links: links).leaders.enumerated() {
      groups.join(index, leader)
    }
    var counts: [Int: Int] = [:]
    for pair in pairs { groups.join(Int(owners[pair.left]), Int(owners[pair.right])) }
    for pair in pairs { counts[groups.leader(Int(owners[pair.left])), default: 0] += 1 }
    let people = Set(members.map { Int(owners[$0]) })
    let byGroup = Dictionary(grouping: people) { groups.leader($0) }
    var random = RandomStream(seed: seed, "validation people of a list")
    let order = byGroup.keys.sorted().shuffled(using: &random)
    var chosen: Set<Int> = []
    var left = (
      pairs: Int((share * Double(pairs.count)).rounded()),
      others: Int((share * Double(byGroup.count { counts[$0.key] == nil })).rounded())
    )
    for group in order {
      let count = counts[group] ?? 0
      let fits = count > 0 ? count <= left.pairs : left.others > 0
      guard fits else { continue }
      if count > 0 { left.pairs -= count } else { left.others -= 1 }
      chosen.formUnion(byGroup[group] ?? [])
    }
    return chosen
  }
}

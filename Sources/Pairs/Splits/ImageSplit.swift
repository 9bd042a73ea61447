import Catalog
import Randomness

/// Splits the images of each identity, so that the same people train and test: a closed set.
///
/// As in the report on CFPW: of ten images, seven train and three test. Results on such a split are
/// not valid for people who were not trained on. Images that are the same file or have the same
/// pixels stay together.
public struct ImageSplit: Sendable, Equatable {
  /// The fraction of each identity's images that train, in 0...1.
  public let train: Double
  /// The fraction of each identity's images that validate, in 0...1.
  public let validation: Double
  /// The seed of the assignment.
  public let seed: Int

  /// Creates a split; the remaining fraction tests.
  public init(train: Double, validation: Double, seed: Int) {
    self.train = train
    self.validation = validation
    self.seed = seed
  }

  /// The samples of each role.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - links: the duplicates among the samples; those within an identity stay together.
  /// - Returns: the samples by role.
  /// - Throws: ``PairError`` if a role with a fraction above 0 has fewer than two identities.
  public func apply(
    to table: SampleTable, links: [DuplicateLink]
  ) throws(PairError) -> [Role: SampleTable] {
    guard !table.ids.isEmpty else { throw .emptyStore }
    var copies = UnionFind()
    for link in links where link.kind != .near { copies.join(link.later, link.earlier) }
    var roles: [Int: Role] = [:]
    roles.reserveCapacity(table.ids.count)
    for identity in table.identities {
      for (id, role) in self.roles(of: identity, in: table, &copies) { roles[id] = role }
    }
    var parts: [Role: SampleTable] = [:]
    for role in Role.allCases where share(of: role) > 1e-9 {
      let part = table.samples { roles[$1] == role }
      guard part.identities.count >= 2 else {
        throw .tooFewIdentities(role: role, count: part.identities.count)
      }
      parts[role] = part
    }
    return parts
  }

  private func share(of role: Role) -> Double {
    switch role {
    case .train: train
    case .validation: validation
    case .test: 1 - train - validation
    }
  }

  private func roles(
    of identity: SampleTable.Identity, in table: SampleTable, _ copies: inout UnionFind
  ) -> [(Int, Role)] {
    var random = RandomStream(seed: seed, "images of \(identity.dataset)/\(identity.name)")
    let ids = identity.samples.map { table.ids[$0] }.shuffled(using: &random)
    var places: [Int: Int] = [:]
    var groups: [[Int]] = []
    for id in ids {
      let leader = copies.leader(id)
      if let place = places[leader] {
        groups[place].append(id)
      } else {
        places[leader] = groups.count
        groups.append([id])
      }
    }
    // The largest groups first, into the side with the most room; the drawn order otherwise.
    let ordered = groups.enumerated().sorted {
      ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
    }.map(\.element)
    let count = Double(ids.count)
    var wanted = [Role.train, .validation].map { role in
      (role: role, count: Int(((role == .train ? train : validation) * count).rounded()))
    }
    wanted.append((.test, ids.count - wanted[0].count - wanted[1].count))
    var roles: [(Int, Role)] = []
    for group in ordered {
      let place =
        wanted.firstIndex { $0.count >= group.count }
        ?? wanted.indices.max { wanted[$0].count < wanted[$1].count } ?? 0
      roles += group.map { ($0, wanted[place].role) }
      wanted[place].count -= group.count
    }
    return roles
  }
}

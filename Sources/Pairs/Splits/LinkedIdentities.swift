import Catalog

/// Identities that share an image, or nearly, and so must stay on one side of a split.
public struct LinkedIdentities: Sendable {
  /// The first identity by dataset and name of each one's group, by place in the table.
  let leaders: [Int]

  /// Nobody shares an image.
  public init(_ table: SampleTable) {
    leaders = Array(table.identities.indices)
  }

  /// Groups of the identities of `table` that `links` tie together.
  public init(_ table: SampleTable, links: [DuplicateLink]) {
    var leaders = Array(table.identities.indices)
    if !links.isEmpty {
      let owners = table.ownersByID
      var groups = UnionFind()
      for link in links where owners.indices.contains(max(link.later, link.earlier)) {
        let (one, other) = (Int(owners[link.later]), Int(owners[link.earlier]))
        guard one >= 0, other >= 0 else { continue }
        groups.join(one, other)
      }
      for index in leaders.indices { leaders[index] = groups.leader(index) }
    }
    self.leaders = leaders
  }

  /// How many identities stay with another one.
  public var count: Int { leaders.enumerated().count { $0.offset != $0.element } }
}

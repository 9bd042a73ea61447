import Catalog

/// Groups of identities that share an image or a near duplicate and must stay on one side of a
/// split.
public struct LinkedIdentities: Sendable {
  /// For each identity in the table, the index of the first identity of its group by dataset and
  /// name.
  let leaders: [Int]

  /// Creates groups of one identity each.
  public init(_ table: SampleTable) {
    leaders = Array(table.identities.indices)
  }

  /// Groups the identities of `table` that `links` connect.
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

  /// Number of identities that are in the group of another one.
  public var count: Int { leaders.enumerated().count { $0.offset != $0.element } }
}

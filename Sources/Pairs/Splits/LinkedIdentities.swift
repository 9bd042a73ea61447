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

  /// Groups the identities of `table` that `links` connect, also through samples that are not in
  /// the table: copies are linked to the first one only.
  public init(_ table: SampleTable, links: [DuplicateLink]) {
    var leaders = Array(table.identities.indices)
    if !links.isEmpty {
      let owners = table.ownersByID
      var samples = UnionFind()
      for link in links { samples.join(link.later, link.earlier) }
      var groups = UnionFind()
      // The first identity found in each group of samples.
      var found: [Int: Int] = [:]
      for link in links {
        for id in [link.later, link.earlier] where owners.indices.contains(id) && owners[id] >= 0 {
          let leader = samples.leader(id)
          if let other = found[leader] {
            groups.join(Int(owners[id]), other)
          } else {
            found[leader] = Int(owners[id])
          }
        }
      }
      for index in leaders.indices { leaders[index] = groups.leader(index) }
    }
    self.leaders = leaders
  }

  /// Number of identities that are in the group of another one.
  public var count: Int { leaders.enumerated().count { $0.offset != $0.element } }
}

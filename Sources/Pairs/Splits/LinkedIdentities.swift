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
  ///
  /// Links are between first copies, which may not be in the table. So all copies of an image are taken
  /// together, and two images that look alike connect the people of all their copies.
  public init(_ table: SampleTable, links: [DuplicateLink]) {
    var leaders = Array(table.identities.indices)
    if !links.isEmpty {
      let owners = table.ownersByID
      var copies = UnionFind()
      for link in links where link.kind != .near { copies.join(link.later, link.earlier) }
      var groups = UnionFind()
      // The first identity found among the copies of an image.
      var found: [Int: Int] = [:]
      for id in Set(links.flatMap { [$0.later, $0.earlier] }).sorted()
      where owners.indices.contains(id) && owners[id] >= 0 {
        let (image, owner) = (copies.leader(id), Int(owners[id]))
        if let other = found[image] { groups.join(owner, other) } else { found[image] = owner }
      }
      for link in links where link.kind == .near {
        guard let one = found[copies.leader(link.later)],
          let other = found[copies.leader(link.earlier)]
        else { continue }
        groups.join(one, other)
      }
      for index in leaders.indices { leaders[index] = groups.leader(index) }
    }
    self.leaders = leaders
  }

  /// Number of identities that are in the group of another one.
  public var count: Int { leaders.enumerated().count { $0.offset != $0.element } }
}

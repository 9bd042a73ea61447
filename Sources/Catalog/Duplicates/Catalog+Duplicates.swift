internal import GRDB

extension Catalog {
  /// Takes every sample out whose file or pixels are those of an earlier one; its pixels stay in the
  /// shard, its path goes to the rejections.
  ///
  /// - Returns: how many were dropped now.
  public func dropDuplicates() throws(CatalogError) -> Int {
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO dropped
          SELECT s.sample, coalesce(first.earlier, s.earlier)
          FROM same_picture AS s
          JOIN kept ON kept.id = s.sample
          LEFT JOIN same_picture AS first ON first.sample = s.earlier
          JOIN kept AS other ON other.id = coalesce(first.earlier, s.earlier)
          """)
      return database.changesCount
    }
  }

  /// Every pair of duplicates by kind, distance, dataset and path; the whole list is held at once.
  public func duplicatePairs() throws(CatalogError) -> [DuplicatePair] {
    try read { database in
      var pairs: [DuplicatePair] = []
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT kind, dataset, identity, path, other_dataset, other_identity, other_path,
            same_identity, distance, correlation
          FROM duplicates ORDER BY kind, distance, dataset, path, other_path
          """)
      while let row = try rows.next() {
        guard let kind = DuplicatePair.Kind(rawValue: row[0]) else { continue }
        pairs.append(
          DuplicatePair(
            kind: kind,
            later: DuplicatePair.End(dataset: row[1], identity: row[2], path: row[3]),
            earlier: DuplicatePair.End(dataset: row[4], identity: row[5], path: row[6]),
            sameIdentity: row[7], distance: row[8], correlation: row[9]))
      }
      return pairs
    }
  }

  /// How many duplicates lie within an identity and how many across, by kind.
  public func duplicateCounts() throws(CatalogError) -> [DuplicatePair.Kind: DuplicateCount] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: "SELECT kind, sum(same_identity), count(*) FROM duplicates GROUP BY kind")
      var counts: [DuplicatePair.Kind: DuplicateCount] = [:]
      for row in rows {
        guard let kind = DuplicatePair.Kind(rawValue: row[0]) else { continue }
        counts[kind] = DuplicateCount(within: row[1], across: (row[2] as Int) - (row[1] as Int))
      }
      return counts
    }
  }
}

internal import GRDB

extension Catalog {
  /// Drops every sample whose file or pixels equal those of an earlier sample.
  ///
  /// The pixels stay in the shard. The path is listed as a rejection.
  ///
  /// - Returns: the number of samples that this call dropped.
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

  /// Returns the ids of the dropped samples with those of the samples that they are copies of.
  public func droppedSamples() throws(CatalogError) -> [Int: Int] {
    try read { database in
      let rows = try Row.fetchAll(database, sql: "SELECT sample, duplicate_of FROM dropped")
      return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }
  }

  /// Compares with the samples that were dropped in another state of this store.
  ///
  /// - Parameter dropped: their ids, as ``droppedSamples()`` returns them.
  /// - Returns: whether one of them counts here, and the one that it is a copy of counts too.
  /// - Throws: ``CatalogError`` if the catalog cannot be read.
  public func restoresAny(of dropped: [Int: Int]) throws(CatalogError) -> Bool {
    try read { database in
      let both = try database.cachedStatement(
        sql: "SELECT count(*) = 2 FROM kept WHERE id IN (?, ?)")
      return try dropped.contains { sample, original in
        try Bool.fetchOne(both, arguments: [sample, original]) ?? false
      }
    }
  }

  /// Returns all pairs of duplicates, sorted by kind, distance, dataset and path.
  ///
  /// The whole list is held in memory.
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

  /// Returns the number of duplicates within one identity and across two identities, by kind.
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

internal import GRDB

/// Two samples that are the same or look alike.
public struct DuplicatePair: Sendable, Equatable, Codable {
  /// How alike they are.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The files have the same bytes.
    case file
    /// The files differ, the stored pixels do not.
    case pixels
    /// The perceptual hashes differ in few bits and the pixels hardly.
    case near
  }

  /// One end of the pair.
  public struct End: Sendable, Equatable, Codable {
    /// The dataset's name.
    public let dataset: String
    /// The identity's name.
    public let identity: String
    /// The file, relative to the dataset's root.
    public let path: String
  }

  /// How alike they are.
  public let kind: Kind
  /// The later sample in the store.
  public let later: End
  /// The first of its kind in the store; for near ones, any earlier one.
  public let earlier: End
  /// Whether both are of one identity.
  public let sameIdentity: Bool
  /// In how many of 64 bits the perceptual hashes differ; 0 unless near.
  public let distance: Int
  /// The correlation of the pixels, in -1...1; 1 unless near.
  public let correlation: Double
}

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

/// How many pairs of duplicates there are.
public struct DuplicateCount: Sendable, Equatable, Codable {
  /// Pairs of one identity.
  public let within: Int
  /// Pairs of two identities.
  public let across: Int
}

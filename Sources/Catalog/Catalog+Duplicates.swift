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
  /// Perceptual hashes that differ in at most so many of 64 bits make two samples worth a look.
  public static let nearDistance = 6

  /// A sample is compared with so many earlier ones of a block at most, and at most so many of them
  /// are looked at, the last ones first: a folder of one picture over and over stays linear.
  static let (blockLimit, nearLimit) = (4_096, 8)

  /// Finds the near duplicates of the whole store anew.
  ///
  /// Two hashes that differ in at most six bits agree in one of seven blocks of bits: SQLite sorts
  /// by block, and only samples of one block are compared, so memory holds one block at a time.
  ///
  /// - Parameter correlation: how alike the pixels of two samples are, in -1...1; `nil` when too
  ///   little to be near duplicates.
  /// - Throws: ``CatalogError``, also for what `correlation` throws.
  public func refreshNearDuplicates(
    correlation: (_ sample: Int, _ earlier: Int) throws -> Double?
  ) throws(CatalogError) {
    try write { database in
      try database.execute(
        sql: """
          DELETE FROM near_duplicate;
          CREATE TEMP TABLE one_of_each (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL);
          INSERT INTO one_of_each
          SELECT min(id), perceptual_hash FROM kept GROUP BY pixels_sha256;
          """)
      for block in HashBlock.all {
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT (hash >> \(block.shift)) & \(block.mask) AS block, hash, id
            FROM one_of_each ORDER BY block, id
            """)
        var current: UInt64?
        var hashes: [(hash: UInt64, id: Int)] = []
        while let row = try rows.next() {
          let (hash, id) = (UInt64(bitPattern: row[1]), row[2] as Int)
          if block.part(of: hash) != current { hashes.removeAll(keepingCapacity: true) }
          current = block.part(of: hash)
          for other in Self.candidates(for: hash, among: hashes, in: block) {
            guard let correlation = try correlation(id, other.id) else { continue }
            try database.cachedStatement(sql: "INSERT INTO near_duplicate VALUES (?, ?, ?, ?)")
              .execute(arguments: [
                id, other.id, (other.hash ^ hash).nonzeroBitCount, correlation,
              ])
          }
          if hashes.count == 2 * Self.blockLimit { hashes.removeFirst(Self.blockLimit) }
          hashes.append((hash, id))
        }
      }
      try database.execute(sql: "DROP TABLE one_of_each")
      try database.execute(
        sql: "INSERT OR REPLACE INTO store (key, value) VALUES ('near_duplicates_of', ?)",
        arguments: [Self.sampleCount(database)])
    }
  }

  /// Whether samples came since the near duplicates were last found.
  public func nearDuplicatesAreStale() throws(CatalogError) -> Bool {
    try read { database in
      let found = try String.fetchOne(
        database, sql: "SELECT value FROM store WHERE key = 'near_duplicates_of'")
      return try found != Self.sampleCount(database)
    }
  }

  /// How many samples there are; they are only ever added.
  private static func sampleCount(_ database: Database) throws -> String {
    String(try Int.fetchOne(database, sql: "SELECT count(*) FROM sample") ?? 0)
  }

  /// The earlier hashes of the block that are near, but for pairs an earlier block has had.
  private static func candidates(
    for hash: UInt64, among hashes: [(hash: UInt64, id: Int)], in block: HashBlock
  ) -> [(hash: UInt64, id: Int)] {
    var found: [(hash: UInt64, id: Int)] = []
    var near = 0
    for other in hashes.suffix(blockLimit).reversed()
    where (other.hash ^ hash).nonzeroBitCount <= nearDistance {
      let isKnown = HashBlock.all.prefix(block.index).contains {
        $0.part(of: other.hash) == $0.part(of: hash)
      }
      if !isKnown { found.append(other) }
      near += 1
      if near == nearLimit { break }
    }
    return found
  }

  /// Some bits of a perceptual hash, next to each other.
  private struct HashBlock {
    let index: Int
    let shift: Int
    let mask: UInt64

    static let all = (0...nearDistance).map { index in
      let (count, width) = (nearDistance + 1, 64 / (nearDistance + 1))
      let bits = index == count - 1 ? 64 - width * index : width
      return HashBlock(index: index, shift: width * index, mask: (1 << UInt64(bits)) - 1)
    }

    func part(of hash: UInt64) -> UInt64 { (hash >> UInt64(shift)) & mask }
  }

  /// Takes every sample out whose file or pixels are those of an earlier one; its pixels stay in the
  /// shard, its path goes to the rejections.
  ///
  /// - Returns: how many were dropped now.
  public func dropDuplicates() throws(CatalogError) -> Int {
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO dropped
          SELECT id, earlier FROM (
            SELECT id, min(id) OVER (PARTITION BY pixels_sha256) AS earlier FROM kept)
          WHERE id <> earlier
          """)
      return database.changesCount
    }
  }

  /// Calls `body` for every pair of duplicates by kind, dataset and path, one at a time.
  public func forEachDuplicate(_ body: (DuplicatePair) -> Void) throws(CatalogError) {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT kind, dataset, identity, path, other_dataset, other_identity, other_path,
            same_identity, distance, correlation
          FROM duplicates ORDER BY kind, distance, dataset, path, other_path
          """)
      while let row = try rows.next() {
        guard let kind = DuplicatePair.Kind(rawValue: row[0]) else { continue }
        body(
          DuplicatePair(
            kind: kind,
            later: DuplicatePair.End(dataset: row[1], identity: row[2], path: row[3]),
            earlier: DuplicatePair.End(dataset: row[4], identity: row[5], path: row[6]),
            sameIdentity: row[7], distance: row[8], correlation: row[9]))
      }
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

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
  /// Two hashes that differ in at most six bits agree in one of seven blocks of bits, so only samples
  /// with one block in common are compared. A large store's hashes are never held at once.
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
          SELECT min(id), perceptual_hash FROM kept GROUP BY perceptual_hash, pixels_sha256;
          """)
      let insert = try database.cachedStatement(
        sql: "INSERT INTO near_duplicate VALUES (?, ?, ?, ?)")
      let hashes = try Self.fewHashes(database)
      for block in HashBlock.all {
        var current: UInt64?
        var seen: [Hash] = []
        try Self.forEachHash(by: block, hashes, database) { hash in
          let part = block.part(of: hash.bits)
          if part != current { seen.removeAll(keepingCapacity: true) }
          current = part
          for other in Self.candidates(for: hash.bits, among: seen, in: block) {
            guard let correlation = try correlation(hash.id, other.id) else { continue }
            try insert.execute(arguments: [
              hash.id, other.id, (other.bits ^ hash.bits).nonzeroBitCount, correlation,
            ])
          }
          if seen.count == 2 * Self.blockLimit { seen.removeFirst(Self.blockLimit) }
          seen.append(hash)
        }
      }
      try database.execute(sql: "DROP TABLE one_of_each")
      try database.execute(
        sql: "INSERT OR REPLACE INTO store (key, value) VALUES ('near_duplicates_of', ?)",
        arguments: [Self.sampleCount(database)])
    }
  }

  /// The perceptual hash of a sample.
  private struct Hash {
    let bits: UInt64
    let id: Int

    init(_ row: Row) {
      bits = UInt64(bitPattern: row[0])
      id = row[1]
    }
  }

  /// So many hashes are sorted here; SQLite sorts more, without holding them.
  private static let sortLimit = 1 << 16

  /// The hashes of one sample of each kind, unless they are too many to hold.
  private static func fewHashes(_ database: Database) throws -> [Hash]? {
    let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM one_of_each") ?? 0
    guard count <= sortLimit else { return nil }
    var hashes: [Hash] = []
    hashes.reserveCapacity(count)
    let rows = try Row.fetchCursor(database, sql: "SELECT hash, id FROM one_of_each")
    while let row = try rows.next() { hashes.append(Hash(row)) }
    return hashes
  }

  /// Calls `body` for one sample of each kind, by the bits of `block`, then by id.
  private static func forEachHash(
    by block: HashBlock, _ hashes: [Hash]?, _ database: Database, _ body: (Hash) throws -> Void
  ) throws {
    if let hashes {
      let sorted = hashes.sorted {
        (block.part(of: $0.bits), $0.id) < (block.part(of: $1.bits), $1.id)
      }
      return try sorted.forEach(body)
    }
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT hash, id FROM one_of_each ORDER BY (hash >> \(block.shift)) & \(block.mask), id
        """)
    while let row = try rows.next() { try body(Hash(row)) }
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
    for hash: UInt64, among hashes: [Hash], in block: HashBlock
  ) -> [Hash] {
    var found: [Hash] = []
    var near = 0
    for other in hashes.suffix(blockLimit).reversed()
    where (other.bits ^ hash).nonzeroBitCount <= nearDistance {
      let isKnown = HashBlock.all.prefix(block.index).contains {
        $0.part(of: other.bits) == $0.part(of: hash)
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
            SELECT id, min(id) OVER (PARTITION BY pixels_sha256) AS earlier FROM suspect)
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

import Foundation
internal import GRDB

/// How far the search for duplicates has come.
public struct DuplicateSearchState: Sendable, Equatable, Codable {
  /// Shards whose samples were not compared with the others yet.
  public let unsearchedShards: Int
  /// Pairs that may be near duplicates and could not be compared, because a shard is missing.
  public let uncomparedPairs: Int
  /// Samples with more near duplicates than are kept.
  public let truncatedSamples: Int

  /// Whether every duplicate of the store is known.
  public var isComplete: Bool {
    unsearchedShards == 0 && uncomparedPairs == 0 && truncatedSamples == 0
  }
}

/// The perceptual hashes of one shard.
public struct ShardHashes: Sendable {
  /// The shard's number.
  public let shard: Int
  /// The hashes by row.
  public let hashes: [UInt64]
  /// The rows whose pixels are the first of their kind; `nil` before the search.
  public let firsts: RowBits?
}

/// Two samples that look alike.
public struct NearPair: Sendable, Equatable {
  /// The later sample's id.
  public let sample: Int
  /// The earlier sample's id.
  public let earlier: Int
  /// In how many of 64 bits their perceptual hashes differ.
  public let distance: Int
  /// The correlation of their pixels, in -1...1; 0 for pairs that were not compared.
  public let correlation: Double

  /// A pair.
  public init(sample: Int, earlier: Int, distance: Int, correlation: Double = 0) {
    self.sample = sample
    self.earlier = earlier
    self.distance = distance
    self.correlation = correlation
  }
}

/// What a search over some shards found.
public struct DuplicateEvidence: Sendable {
  /// Samples with the file or the pixels of an earlier one.
  public var same: [DuplicateLink] = []
  /// Near duplicates.
  public var near: [NearPair] = []
  /// Pairs that could not be compared.
  public var uncompared: [NearPair] = []
  /// Samples with more near duplicates than are kept.
  public var truncated: Set<Int> = []
  /// By shard, the rows whose pixels are the first of their kind.
  public var firsts: [Int: RowBits] = [:]

  /// Nothing found yet.
  public init() {}
}

extension Catalog {
  /// Perceptual hashes that differ in at most so many of 64 bits make two samples worth comparing.
  public static let nearDistance = 6

  /// How far the search for duplicates has come.
  public func duplicateSearchState() throws(CatalogError) -> DuplicateSearchState {
    try read { database in
      func count(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
      return DuplicateSearchState(
        unsearchedShards: try count("SELECT count(*) FROM shard WHERE searched = 0"),
        uncomparedPairs: try count("SELECT count(*) FROM uncompared"),
        truncatedSamples: try count("SELECT count(*) FROM truncated_search"))
    }
  }

  /// The lowest shards that were not searched; at most `limit`.
  public func unsearchedShards(limit: Int) throws(CatalogError) -> [Int] {
    try read {
      try Int.fetchAll(
        $0, sql: "SELECT number FROM shard WHERE searched = 0 ORDER BY number LIMIT ?",
        arguments: [limit])
    }
  }

  /// Returns true if a shard that was searched has a higher number than one that was not.
  public func searchIsOutOfOrder() throws(CatalogError) -> Bool {
    try read { database in
      try Bool.fetchOne(
        database,
        sql: """
          SELECT (SELECT max(number) FROM shard WHERE searched = 1)
            > (SELECT min(number) FROM shard WHERE searched = 0)
          """) ?? false
    }
  }

  /// Forgets all that the search found, so that it begins again.
  public func forgetDuplicateSearch() throws(CatalogError) {
    try write { try Self.forgetDuplicateSearch($0) }
  }

  static func forgetDuplicateSearch(_ database: Database) throws {
    let isBegun = try Bool.fetchOne(
      database, sql: "SELECT EXISTS (SELECT 1 FROM shard WHERE searched = 1)")
    guard isBegun == true else { return }
    try database.execute(
      sql: """
        DELETE FROM same_picture;
        DELETE FROM near_duplicate;
        DELETE FROM uncompared;
        DELETE FROM truncated_search;
        UPDATE shard SET searched = 0;
        UPDATE shard_hash SET firsts = NULL;
        """)
  }

  /// The hashes of the shards above `number` in order; at most `limit` shards.
  public func shardHashes(
    above number: Int, limit: Int
  ) throws(CatalogError) -> [ShardHashes] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT shard, hashes, firsts FROM shard_hash WHERE shard > ? ORDER BY shard LIMIT ?
          """, arguments: [number, limit]
      ).map { row in
        let (hashes, firsts): (Data, Data?) = (row[1], row[2])
        return ShardHashes(
          shard: row[0], hashes: HashBlob(hashes).hashes, firsts: firsts.map { RowBits($0) })
      }
    }
  }

  /// The digests of the files and pixels of samples that count: neither dropped nor replaced.
  public func pictureDigests(
    _ ids: some Sequence<Int>
  ) throws(CatalogError) -> [Int: (file: String, pixels: String)] {
    try read { database in
      let statement = try database.cachedStatement(
        sql: "SELECT sha256, pixels_sha256 FROM kept WHERE id = ?")
      var digests: [Int: (file: String, pixels: String)] = [:]
      for id in ids where digests[id] == nil {
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { continue }
        digests[id] = (row[0], row[1])
      }
      return digests
    }
  }

  /// The digests of the samples that count of one shard, by id.
  public func pictureDigests(
    ofShard number: Int
  ) throws(CatalogError) -> [Int: (file: String, pixels: String)] {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: "SELECT id, sha256, pixels_sha256 FROM kept WHERE id >= ? AND id < ?",
        arguments: [number * Self.shardCapacity, (number + 1) * Self.shardCapacity])
      var digests: [Int: (file: String, pixels: String)] = [:]
      while let row = try rows.next() { digests[row[0]] = (row[1], row[2]) }
      return digests
    }
  }

  /// The samples that have the pixels of `first` in another file, each the first with its file, with
  /// the digest of that file.
  public func otherFiles(
    ofPicture first: Int
  ) throws(CatalogError) -> [(sample: Int, sha256: String)] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT same_picture.sample, kept.sha256
          FROM same_picture JOIN kept ON kept.id = same_picture.sample
          WHERE same_picture.earlier = ? AND same_picture.kind = 'pixels'
          """, arguments: [first]
      ).map { ($0[0], $0[1]) }
    }
  }

  /// Adds what a search over whole shards found, all or nothing.
  public func add(_ evidence: DuplicateEvidence) throws(CatalogError) {
    try write { database in
      for link in evidence.same {
        try database.cachedStatement(sql: "INSERT INTO same_picture VALUES (?, ?, ?)")
          .execute(arguments: [link.later, link.earlier, link.kind.rawValue])
      }
      try Self.insert(near: evidence.near, database)
      for pair in evidence.uncompared {
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO uncompared VALUES (?, ?, ?)")
          .execute(arguments: [pair.sample, pair.earlier, pair.distance])
      }
      for sample in evidence.truncated {
        try database.execute(
          sql: "INSERT OR IGNORE INTO truncated_search VALUES (?)", arguments: [sample])
      }
      for (shard, bits) in evidence.firsts {
        try database.execute(
          sql: "UPDATE shard_hash SET firsts = ? WHERE shard = ?", arguments: [bits.data, shard])
        try database.execute(
          sql: "UPDATE shard SET searched = 1 WHERE number = ?", arguments: [shard])
      }
    }
  }

  private static func insert(near pairs: [NearPair], _ database: Database) throws {
    for pair in pairs {
      try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO near_duplicate VALUES (?, ?, ?, ?)"
      ).execute(arguments: [pair.sample, pair.earlier, pair.distance, pair.correlation])
    }
  }

  /// The pairs that could not be compared.
  public func uncomparedPairs() throws(CatalogError) -> [NearPair] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT sample, earlier, distance FROM uncompared").map {
        NearPair(sample: $0[0], earlier: $0[1], distance: $0[2])
      }
    }
  }

  /// Takes pairs that were compared after all from those that could not be; `near` are the near
  /// duplicates among them.
  public func settle(
    _ compared: [NearPair], near: [NearPair]
  ) throws(CatalogError) {
    try write { database in
      for pair in compared {
        try database.cachedStatement(
          sql: "DELETE FROM uncompared WHERE sample = ? AND earlier = ?"
        ).execute(arguments: [pair.sample, pair.earlier])
      }
      try Self.insert(near: near, database)
    }
  }
}

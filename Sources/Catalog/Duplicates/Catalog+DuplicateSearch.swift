import Foundation
internal import GRDB

/// The state of the search for duplicates.
public struct DuplicateSearchState: Sendable, Equatable, Codable {
  /// Number of shards whose samples have not been compared with the others.
  public let unsearchedShards: Int
  /// Number of possible near duplicates that could not be compared because a shard is missing.
  public let uncomparedPairs: Int
  /// Number of samples with more near duplicates than the search keeps.
  public let truncatedSamples: Int

  /// Whether all duplicates in the store are known.
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
  /// The rows that hold the first sample with their pixels; `nil` before the search.
  public let firsts: RowBits?
}

/// Two samples that look similar.
public struct NearPair: Sendable, Equatable {
  /// The later sample's id.
  public let sample: Int
  /// The earlier sample's id.
  public let earlier: Int
  /// Number of bits, of 64, in which their perceptual hashes differ.
  public let distance: Int
  /// The correlation of their pixels, in -1...1; 0 if the pair was not compared.
  public let correlation: Double

  /// Creates a pair.
  public init(sample: Int, earlier: Int, distance: Int, correlation: Double = 0) {
    self.sample = sample
    self.earlier = earlier
    self.distance = distance
    self.correlation = correlation
  }
}

/// The result of a search over some shards.
public struct DuplicateEvidence: Sendable {
  /// Samples with the same file or the same pixels as an earlier sample.
  public var same: [DuplicateLink] = []
  /// Near duplicates.
  public var near: [NearPair] = []
  /// Pairs that could not be compared.
  public var uncompared: [NearPair] = []
  /// Samples with more near duplicates than the search keeps.
  public var truncated: Set<Int> = []
  /// The rows that hold the first sample with their pixels, by shard.
  public var firsts: [Int: RowBits] = [:]

  /// Creates an empty result.
  public init() {}
}

extension Catalog {
  /// The maximum number of bits, of 64, in which the perceptual hashes of compared samples differ.
  public static let nearDistance = 6

  /// Returns the state of the search for duplicates.
  public func duplicateSearchState() throws(CatalogError) -> DuplicateSearchState {
    try read { database in
      func count(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
      return DuplicateSearchState(
        unsearchedShards: try count("SELECT count(*) FROM shard WHERE searched = 0"),
        uncomparedPairs: try count("SELECT count(*) FROM uncompared"),
        truncatedSamples: try count("SELECT count(*) FROM truncated_search"))
    }
  }

  /// Returns the numbers of the lowest unsearched shards, at most `limit`.
  public func unsearchedShards(limit: Int) throws(CatalogError) -> [Int] {
    try read {
      try Int.fetchAll(
        $0, sql: "SELECT number FROM shard WHERE searched = 0 ORDER BY number LIMIT ?",
        arguments: [limit])
    }
  }

  /// Returns true if a searched shard has a higher number than an unsearched one.
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

  /// Deletes all results of the search, so that it starts again.
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

  /// Returns the hashes of the shards above `number`, in ascending order, for at most `limit`
  /// shards.
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

  /// Returns the digests of the files and pixels of these samples, without dropped and replaced
  /// ones.
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

  /// Returns the digests of the samples of one shard by id, without dropped and replaced ones.
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

  /// Returns the samples that have the pixels of `first` but another file, with the digests of
  /// their files.
  ///
  /// Each is the first sample with its file.
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

  /// Adds the result of a search over whole shards in one transaction.
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

  /// Returns the pairs that could not be compared.
  public func uncomparedPairs() throws(CatalogError) -> [NearPair] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT sample, earlier, distance FROM uncompared").map {
        NearPair(sample: $0[0], earlier: $0[1], distance: $0[2])
      }
    }
  }

  /// Removes the pairs in `compared` from the uncompared ones, after a later comparison, and adds
  /// those in `near` as near duplicates.
  public func recordCompared(
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

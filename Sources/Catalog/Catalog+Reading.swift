internal import GRDB
import Shards

/// How much of what a store holds.
public struct StoreCounts: Sendable, Equatable, Codable {
  /// Stored samples.
  public var samples = 0
  /// Identities with a sample at least.
  public var identities = 0
  /// Files that did not become samples.
  public var rejections = 0
  /// Shards.
  public var shards = 0
  /// Samples whose file or pixels are those of an earlier sample.
  public var duplicates = 0
  /// Samples that look like an earlier one without being it.
  public var nearDuplicates = 0
}

/// An identity and how many samples it has.
public struct IdentityCount: Sendable, Equatable {
  /// The identity's name.
  public let name: String
  /// How many samples it has.
  public let samples: Int
}

extension Catalog {
  /// The names of the datasets, sorted.
  public func datasets() throws(CatalogError) -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT name FROM dataset ORDER BY name") }
  }

  /// The counts of one dataset, or of the whole store.
  public func counts(dataset: String? = nil) throws(CatalogError) -> StoreCounts {
    try read { database in
      func count(_ what: String, _ table: String) throws -> Int {
        try Int.fetchOne(
          database,
          sql: """
            SELECT \(what) FROM \(table) AS t JOIN dataset AS d ON d.id = t.dataset
            WHERE :dataset IS NULL OR d.name = :dataset
            """, arguments: ["dataset": dataset]) ?? 0
      }
      return StoreCounts(
        samples: try count("count(*)", "kept"),
        identities: try count(
          "count(*)",
          "(SELECT * FROM identity WHERE id IN (SELECT identity FROM kept))"),
        rejections: try count("count(*)", "rejection"), shards: try count("count(*)", "shard"),
        duplicates: try count("count(*) - count(DISTINCT t.pixels_sha256)", "suspect"),
        nearDuplicates: try count(
          "count(*)", "(SELECT * FROM kept WHERE id IN (SELECT sample FROM near_duplicate))"))
    }
  }

  /// The identities of a dataset with their counts: the most samples first, then by name.
  public func identityCounts(dataset: String) throws(CatalogError) -> [IdentityCount] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT identity, count(*) AS samples FROM samples WHERE dataset = ?
          GROUP BY identity ORDER BY samples DESC, identity
          """, arguments: [dataset]
      ).map { IdentityCount(name: $0["identity"], samples: $0["samples"]) }
    }
  }

  /// How many files were rejected for each reason, duplicates that were dropped among them.
  public func rejectionCounts() throws(CatalogError) -> [RejectionReason: Int] {
    try read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT reason, count(*) FROM rejections GROUP BY reason")
      return Dictionary(
        uniqueKeysWithValues: rows.compactMap { row in
          RejectionReason(rawValue: row[0]).map { ($0, row[1]) }
        })
    }
  }

  /// Calls `body` for every rejection by dataset and path, one at a time, until it returns `false`.
  ///
  /// - Parameters:
  ///   - shards: only those found while these shards were made; `nil` for all, dropped duplicates
  ///     among them.
  ///   - body: gets a rejection; `false` ends the reading.
  /// - Throws: ``CatalogError`` when the catalog cannot be read.
  public func forEachRejection(
    ofShards shards: Set<Int>? = nil, _ body: (Rejection) -> Bool
  ) throws(CatalogError) {
    try read { database in
      let found = """
        SELECT d.name AS dataset, r.path, r.reason, r.detail, r.shard
        FROM rejection AS r JOIN dataset AS d ON d.id = r.dataset ORDER BY d.name, r.path
        """
      let all = "SELECT dataset, path, reason, detail FROM rejections ORDER BY dataset, path"
      let rows = try Row.fetchCursor(database, sql: shards == nil ? all : found)
      while let row = try rows.next() {
        if let shards, !shards.contains(row["shard"]) { continue }
        guard let reason = RejectionReason(rawValue: row["reason"]) else { continue }
        let rejection = Rejection(
          dataset: row["dataset"], path: row["path"], reason: reason, detail: row["detail"])
        guard body(rejection) else { return }
      }
    }
  }

  /// Calls `body` for every sample in the order of dataset, identity and path, one at a time.
  ///
  /// - Parameters:
  ///   - identity: only the samples of identities with this name; `nil` for all.
  ///   - body: gets a sample.
  /// - Throws: ``CatalogError`` when the catalog cannot be read.
  public func forEachSample(
    identity: String? = nil, _ body: (Sample) -> Void
  ) throws(CatalogError) {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          \(Self.sampleColumns) FROM kept AS s \(Self.sampleJoins)
          WHERE :identity IS NULL OR i.name = :identity ORDER BY d.name, i.name, s.path
          """, arguments: ["identity": identity])
      while let row = try rows.next() { body(Self.sample(row)) }
    }
  }

  /// The samples of one shard by row, dropped ones among them.
  public func samples(ofShard number: Int) throws(CatalogError) -> [Sample] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          \(Self.sampleColumns) FROM sample AS s \(Self.sampleJoins)
          WHERE s.shard = ? ORDER BY s.row
          """, arguments: [number]
      ).map(Self.sample)
    }
  }

  private static let sampleColumns = """
    SELECT d.name AS dataset, i.name AS identity, s.pose, s.number, s.path, s.sha256, s.width,
      s.height, s.shard, s.row, s.pixels_sha256, s.perceptual_hash, s.fiducials, c.left, c.top,
      c.side, c.angle, c.faces, c.face_left, c.face_top, c.face_width, c.face_height,
      c.face_score, c.landmarks
    """

  private static let sampleJoins = """
    JOIN dataset AS d ON d.id = s.dataset JOIN identity AS i ON i.id = s.identity
    LEFT JOIN crop AS c ON c.sample = s.id
    """

  private static func sample(_ row: Row) -> Sample {
    Sample(
      dataset: row[0], identity: row[1], pose: row[2], number: row[3], path: row[4],
      sha256: row[5], width: row[6], height: row[7], shard: row[8], row: row[9],
      pixelsSHA256: row[10], perceptualHash: UInt64(bitPattern: row[11]), fiducials: row[12],
      crop: crop(row))
  }

  private static func crop(_ row: Row) -> Crop? {
    guard let left: Int = row["left"] else { return nil }
    var face: Crop.Face?
    if let score: Double = row["face_score"] {
      face = Crop.Face(
        left: row["face_left"], top: row["face_top"], width: row["face_width"],
        height: row["face_height"], score: score)
    }
    return Crop(
      left: left, top: row["top"], side: row["side"], angle: row["angle"], faces: row["faces"],
      face: face, landmarks: row["landmarks"])
  }

  /// The shards that count, by number.
  public func shards() throws(CatalogError) -> [ShardRecord] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT s.number, d.name, s.sha256, s.bytes, s.samples, s.rejections
          FROM shard AS s JOIN dataset AS d ON d.id = s.dataset ORDER BY s.number
          """
      ).map {
        ShardRecord(
          number: $0[0], dataset: $0[1], sha256: $0[2], byteCount: $0[3], samples: $0[4],
          rejections: $0[5])
      }
    }
  }

  /// The rejections of one shard, by path.
  public func rejections(ofShard number: Int) throws(CatalogError) -> [Rejection] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT d.name, r.path, r.reason, r.detail
          FROM rejection AS r JOIN dataset AS d ON d.id = r.dataset
          WHERE r.shard = ? ORDER BY r.path
          """, arguments: [number]
      ).compactMap { row in
        RejectionReason(rawValue: row[2]).map {
          Rejection(dataset: row[0], path: row[1], reason: $0, detail: row[3])
        }
      }
    }
  }

  /// The recorded digests of all shards, by number.
  public func shardDigests() throws(CatalogError) -> [Int: String] {
    try read { database in
      let rows = try Row.fetchAll(database, sql: "SELECT number, sha256 FROM shard")
      return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }
  }

  /// One digest for all that was ingested: the configuration, every shard's SHA-256, every sample
  /// and every rejection, in an order that does not depend on how the store came to be.
  public func digest() throws(CatalogError) -> String {
    try read { database in
      var digest = DigestBuilder()
      let parts = [
        "SELECT value FROM store WHERE key IN ('format', 'ingest') ORDER BY key",
        "SELECT file, sha256, samples, rejections FROM shard ORDER BY number",
        """
        SELECT d.name, i.name, s.pose, s.number, s.path, s.sha256, s.width, s.height, s.id,
          s.pixels_sha256, s.perceptual_hash, s.fiducials
        FROM kept AS s JOIN dataset AS d ON d.id = s.dataset
        JOIN identity AS i ON i.id = s.identity ORDER BY s.id
        """,
        "SELECT * FROM crop WHERE sample NOT IN (SELECT sample FROM dropped) ORDER BY sample",
        "SELECT dataset, path, reason, detail FROM rejections ORDER BY dataset, path",
      ]
      for sql in parts {
        let rows = try Row.fetchCursor(database, sql: sql)
        while let row = try rows.next() {
          let fields = row.databaseValues.map { value in
            value.isNull ? "-" : "+\(String.fromDatabaseValue(value) ?? "")"
          }
          digest.update(line: fields.joined(separator: "\u{1F}"))
        }
      }
      return digest.finalize()
    }
  }
}

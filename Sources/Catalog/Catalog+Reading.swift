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
  /// Samples whose file has the same bytes as an earlier sample's.
  public var duplicates = 0
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
        samples: try count("count(*)", "sample"),
        identities: try count("count(DISTINCT t.identity)", "sample"),
        rejections: try count("count(*)", "rejection"), shards: try count("count(*)", "shard"),
        duplicates: try count("count(*) - count(DISTINCT t.sha256)", "sample"))
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

  /// The rejections, by dataset and path.
  public func rejections() throws(CatalogError) -> [Rejection] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM rejections ORDER BY dataset, path")
        .compactMap { row in
          RejectionReason(rawValue: row["reason"]).map {
            Rejection(
              dataset: row["dataset"], path: row["path"], reason: $0, detail: row["detail"])
          }
        }
    }
  }

  /// Calls `body` for every sample in the order of dataset, identity and path, one at a time.
  public func forEachSample(_ body: (Sample) -> Void) throws(CatalogError) {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT d.name AS dataset, i.name AS identity, s.pose, s.number, s.path, s.sha256,
            s.width, s.height, s.shard, s.row
          FROM sample AS s JOIN dataset AS d ON d.id = s.dataset
          JOIN identity AS i ON i.id = s.identity
          ORDER BY d.name, i.name, s.path
          """)
      while let row = try rows.next() {
        body(
          Sample(
            dataset: row[0], identity: row[1], pose: row[2], number: row[3], path: row[4],
            sha256: row[5], width: row[6], height: row[7], shard: row[8], row: row[9]))
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
        SELECT dataset, identity, pose, number, path, sha256, width, height, shard, row
        FROM samples ORDER BY shard, row
        """,
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

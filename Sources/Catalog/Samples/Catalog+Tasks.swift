import Foundation
internal import GRDB

/// Which share of an ingest a store holds.
public struct TaskRecord: Codable, Sendable, Equatable {
  /// Which share, from 0.
  public let index: Int
  /// How many shares there are.
  public let count: Int
  /// SHA-256 over every path of the listing, so that shares of two listings are told apart.
  public let listing: String
  /// How many shards all shares have together.
  public let shards: Int

  /// A share of an ingest.
  public init(index: Int, count: Int, listing: String, shards: Int) {
    self.index = index
    self.count = count
    self.listing = listing
    self.shards = shards
  }
}

extension Catalog {
  /// The share of an ingest that this store holds; `nil` when it is whole.
  public func task() throws(CatalogError) -> TaskRecord? {
    let text = try read { database in
      try String.fetchOne(database, sql: "SELECT value FROM store WHERE key = 'task'")
    }
    return text.flatMap { try? JSONDecoder().decode(TaskRecord.self, from: Data($0.utf8)) }
  }

  /// Makes `share` the store's.
  public func adopt(_ task: TaskRecord) throws(CatalogError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let data = try? encoder.encode(task) else { return }
    try write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO store (key, value) VALUES ('task', ?)",
        arguments: [String(decoding: data, as: UTF8.self)])
    }
  }

  /// Every dataset of the store, by name.
  public func datasetRecords() throws(CatalogError) -> [DatasetRecord] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT name, root, protocols FROM dataset ORDER BY name")
        .map { DatasetRecord(name: $0[0], root: $0[1], protocols: $0[2]) }
    }
  }

  /// Where each dataset lies, by name.
  public func roots() throws(CatalogError) -> [String: String] {
    let records = try datasetRecords()
    return Dictionary(uniqueKeysWithValues: records.map { ($0.name, $0.root) })
  }

  /// What SQLite finds wrong with its file and with references between tables; empty when sound.
  public func integrityProblems() throws(CatalogError) -> [String] {
    try read { database in
      let file = try String.fetchAll(database, sql: "PRAGMA integrity_check")
        .filter { $0 != "ok" }
      let references = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map {
        "a row of \($0[0] as String) names a missing row of \($0[2] as String)"
      }
      let lost = try Int.fetchOne(
        database,
        sql: """
          SELECT (SELECT count(*) FROM pair WHERE left_sample NOT IN (SELECT id FROM sample)
              OR right_sample NOT IN (SELECT id FROM sample))
            + (SELECT count(*) FROM member WHERE sample NOT IN (SELECT id FROM sample))
          """)
      let pairs = lost == 0 ? [] : ["\(lost ?? 0) pairs and members name samples that are missing"]
      return file + references + pairs
    }
  }
}

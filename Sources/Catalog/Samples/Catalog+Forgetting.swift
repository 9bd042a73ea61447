import Foundation
internal import GRDB

/// What was taken out of a catalog.
public struct ForgettingSummary: Sendable, Equatable {
  /// Number of rejected files whose rows were deleted.
  public var rejections = 0
  /// The protocols that lost pairs, samples or findings.
  public var protocols: [String] = []
  /// Number of samples of other identities with the name as a part of their path.
  public var namesInPaths = 0
}

extension Catalog {
  /// Takes an identity out of the catalog in one transaction, and leaves its tombstone.
  ///
  /// The rows of its samples stay as numbers without content, so that the ids of other samples do
  /// not change. The shards are to be overwritten afterwards, ``unwipedShards()``, and the database is
  /// to be written anew, ``compactIfNeeded()``.
  ///
  /// - Parameters:
  ///   - identity: the identity.
  ///   - dataset: its dataset.
  ///   - digests: the shards with its samples, with the SHA-256 that each has after it is
  ///     overwritten; `nil` keeps the recorded one.
  ///   - blank: the SHA-256 of a sample of zeros.
  /// - Returns: what was taken out.
  /// - Throws: ``CatalogError``; then nothing is changed.
  public func forget(
    _ identity: String, dataset: String, digests: [Int: String?], blank: String
  ) throws(CatalogError) -> ForgettingSummary {
    try outsideTransaction { _ = try Int.fetchOne($0, sql: "PRAGMA secure_delete = ON") }
    return try write { database in
      guard let person = try ForgottenPerson(identity, dataset: dataset, database) else {
        return ForgettingSummary()
      }
      var summary = ForgettingSummary()
      summary.namesInPaths = try person.namesInPaths(database)
      summary.protocols = try person.takeOutOfProtocols(database)
      try person.leaveTombstones(database)
      summary.rejections = try Self.deleteRejections(of: person, database)
      try person.deleteEvidence(database)
      try person.blankRows(blank, database)
      try Self.blankHashes(person.ids, database)
      for (shard, sha256) in digests {
        try database.execute(
          sql: "UPDATE shard SET sha256 = coalesce(?, sha256) WHERE number = ?",
          arguments: [sha256, shard])
        try database.execute(sql: "INSERT OR IGNORE INTO unwiped VALUES (?)", arguments: [shard])
      }
      try database.execute(sql: "INSERT OR REPLACE INTO store VALUES ('compact', '1')")
      return summary
    }
  }

  /// Deletes the rejections of files in folders that hold only files of this identity.
  private static func deleteRejections(
    of person: ForgottenPerson, _ database: Database
  ) throws -> Int {
    var count = 0
    var isOwn: [UTF8Key: Bool] = [:]
    for path in try String.fetchAll(
      database, sql: "SELECT path FROM rejection WHERE dataset = ?", arguments: [person.dataset])
    {
      guard let slash = path.lastIndex(of: "/") else { continue }
      let folder = UTF8Key(path[..<slash])
      if isOwn[folder] == nil { isOwn[folder] = try person.owns(folder.text, database) }
      guard isOwn[folder] == true else { continue }
      try forgetRejection(of: path, person.dataset, database)
      count += 1
    }
    return count
  }

  /// Overwrites the perceptual hashes of these samples, which are stored by shard as well.
  private static func blankHashes(_ ids: [Int], _ database: Database) throws {
    for (shard, rows) in Dictionary(grouping: ids, by: { $0 / shardCapacity }) {
      guard
        let data = try Data.fetchOne(
          database, sql: "SELECT hashes FROM shard_hash WHERE shard = ?", arguments: [shard])
      else { continue }
      var hashes = HashBlob(data).hashes
      for id in rows where id % shardCapacity < hashes.count { hashes[id % shardCapacity] = 0 }
      try database.execute(
        sql: "UPDATE shard_hash SET hashes = ? WHERE shard = ?",
        arguments: [HashBlob(hashes).data, shard])
    }
    // Which of equal samples is the first one may have changed.
    try forgetDuplicateSearch(database)
  }
}

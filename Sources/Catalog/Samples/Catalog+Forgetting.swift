import Foundation
internal import GRDB
import Shards

/// The stored data of people who are to be forgotten.
public struct PersonalData: Sendable, Equatable {
  /// The rows of their samples by shard, including dropped, excluded and replaced samples.
  public let rows: [Int: [Int]]
  /// Number of samples that count.
  public let samples: Int
}

/// What was taken out of a catalog.
public struct ForgettingSummary: Sendable, Equatable {
  /// Number of rejected files whose rows were deleted.
  public var rejections = 0
  /// The protocols that lost pairs or samples.
  public var protocols: [String] = []
}

extension Catalog {
  /// The SHA-256 in the rows of forgotten samples.
  private static let noDigest = String(repeating: "0", count: 64)
  /// The identity of such rows; it has no samples that count.
  private static let nobody = "(forgotten)"

  /// Returns the digest that stands for a forgotten person.
  public static func tombstone(dataset: String, identity: String) -> String {
    Digest.sha256(Array("\(dataset)\n\(identity)".utf8))
  }

  /// Returns the tombstones of all forgotten people.
  public func tombstones() throws(CatalogError) -> Set<String> {
    guard hasFacts else { return [] }
    return try read { try String.fetchSet($0, sql: "SELECT sha256 FROM forgotten") }
  }

  /// Returns the datasets that have an identity of this name, sorted.
  public func datasets(withIdentity name: String) throws(CatalogError) -> [String] {
    try read { database in
      try String.fetchAll(
        database,
        sql: """
          SELECT d.name FROM identity AS i JOIN dataset AS d ON d.id = i.dataset
          WHERE i.name = ? ORDER BY d.name
          """, arguments: [name])
    }
  }

  /// Returns what the store holds of an identity of a dataset.
  public func personalData(
    dataset: String, identity: String
  ) throws(CatalogError) -> PersonalData {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT s.shard, s.row, EXISTS (SELECT 1 FROM kept WHERE kept.id = s.id)
          FROM sample AS s JOIN identity AS i ON i.id = s.identity
          JOIN dataset AS d ON d.id = i.dataset
          WHERE d.name = ? AND i.name = ? ORDER BY s.id
          """, arguments: [dataset, identity])
      return PersonalData(
        rows: Dictionary(grouping: rows, by: { $0[0] as Int }).mapValues { $0.map { $0[1] } },
        samples: rows.count { $0[2] })
    }
  }

  /// Takes an identity out of the catalog in one transaction, and leaves its tombstone.
  ///
  /// The rows of its samples stay as numbers without content, so that the ids of other samples do
  /// not change. The shards are to be overwritten afterwards: ``unwipedShards()``.
  ///
  /// - Parameters:
  ///   - identity: the identity.
  ///   - dataset: its dataset.
  ///   - digests: the SHA-256 of each shard with its samples after it is overwritten.
  ///   - blank: the SHA-256 of a sample of zeros.
  /// - Returns: what was taken out.
  /// - Throws: ``CatalogError``; then nothing is changed.
  public func forget(
    _ identity: String, dataset: String, digests: [Int: String], blank: String
  ) throws(CatalogError) -> ForgettingSummary {
    try eraseDeletedContent()
    let summary = try write { database in
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT i.id, d.id FROM identity AS i JOIN dataset AS d ON d.id = i.dataset
          WHERE d.name = ? AND i.name = ?
          """, arguments: [dataset, identity])
      guard let row else { return ForgettingSummary() }
      let person = Person(identity: row[0], dataset: row[1], name: identity)
      let samples = try Row.fetchAll(
        database, sql: "SELECT id, path FROM sample WHERE identity = ?",
        arguments: [person.identity])
      let ids: [Int] = samples.map { $0[0] }
      var summary = ForgettingSummary()
      summary.protocols = try Self.protocols(naming: ids, database)
      try Self.takeOut(of: summary.protocols, ids, person, database)
      summary.rejections = try Self.deleteRejections(besides: person, database)
      try Self.deleteEvidence(person, database)
      try Self.blankRows(person, blank: blank, database)
      try Self.blankHashes(ids, database)
      for (shard, sha256) in digests {
        try database.execute(
          sql: "UPDATE shard SET sha256 = ? WHERE number = ?", arguments: [sha256, shard])
        try database.execute(sql: "INSERT OR IGNORE INTO unwiped VALUES (?)", arguments: [shard])
      }
      try database.execute(
        sql: "INSERT OR IGNORE INTO forgotten VALUES (?)",
        arguments: [Self.tombstone(dataset: dataset, identity: identity)])
      return summary
    }
    try compact()
    return summary
  }

  private struct Person {
    let identity: Int64
    let dataset: Int64
    let name: String
  }

  /// Deletes the pairs and members of protocols that name these samples, and figures and findings
  /// with names.
  private static func takeOut(
    of protocols: [String], _ ids: [Int], _ person: Person, _ database: Database
  ) throws {
    let list = ids.map(String.init).joined(separator: ",")
    for name in protocols {
      let id = try Int64.fetchOne(
        database, sql: "SELECT id FROM protocol WHERE name = ?", arguments: [name])
      try database.execute(
        sql: """
          DELETE FROM pair WHERE protocol = ? AND (left_sample IN (\(list))
            OR right_sample IN (\(list)))
          """, arguments: [id])
      let pairs = database.changesCount
      try database.execute(
        sql: "DELETE FROM member WHERE protocol = ? AND sample IN (\(list))", arguments: [id])
      let members = database.changesCount
      for table in ["analysis", "finding"] {
        try database.execute(sql: "DELETE FROM \(table) WHERE protocol = ?", arguments: [id])
      }
      try database.execute(
        sql: "INSERT INTO finding VALUES (?, 1, ?, 0, '', '', ?)",
        arguments: [
          id, Finding.Kind.forgotten.rawValue,
          "\(pairs) pairs and \(members) entries were taken out",
        ])
    }
    // Lists name images of people who have no sample as well.
    try database.execute(
      sql: "DELETE FROM missing_pair WHERE instr(left_path, ?) > 0 OR instr(right_path, ?) > 0",
      arguments: [person.name, person.name])
    try database.execute(
      sql: "DELETE FROM finding WHERE instr(\"left\", ?) > 0 OR instr(\"right\", ?) > 0",
      arguments: [person.name, person.name])
  }

  /// Deletes the rejections of files in folders that hold only files of this identity.
  private static func deleteRejections(
    besides person: Person, _ database: Database
  ) throws -> Int {
    let rows = try Row.fetchAll(
      database, sql: "SELECT path, identity FROM sample WHERE dataset = ?",
      arguments: [person.dataset])
    func folder(_ path: String) -> String {
      path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
    var (own, others): (Set<String>, Set<String>) = ([], [])
    for row in rows {
      if row[1] == person.identity {
        own.insert(folder(row[0]))
      } else {
        others.insert(folder(row[0]))
      }
    }
    own.subtract(others)
    own.remove("")
    var count = 0
    for path in try String.fetchAll(
      database, sql: "SELECT path FROM rejection WHERE dataset = ?", arguments: [person.dataset])
    where own.contains(folder(path)) {
      try forgetRejection(of: path, person.dataset, database)
      count += 1
    }
    return count
  }

  private static func deleteEvidence(_ person: Person, _ database: Database) throws {
    let own = "(SELECT id FROM sample WHERE identity = \(person.identity))"
    for table in ["same_picture", "near_duplicate", "uncompared"] {
      try database.execute(
        sql: "DELETE FROM \(table) WHERE sample IN \(own) OR earlier IN \(own)")
    }
    // A sample that was dropped as a copy of one of these counts again.
    try database.execute(
      sql: "DELETE FROM dropped WHERE sample IN \(own) OR duplicate_of IN \(own)")
    for table in ["crop", "truncated_search", "excluded"] {
      try database.execute(sql: "DELETE FROM \(table) WHERE sample IN \(own)")
    }
    try database.execute(
      sql: """
        DELETE FROM correction WHERE dataset = ? AND (before = ? OR identity = ?
          OR path IN (SELECT path FROM sample WHERE identity = ?))
        """, arguments: [person.dataset, person.name, person.name, person.identity])
  }

  /// Removes the content of the person's rows.
  private static func blankRows(_ person: Person, blank: String, _ database: Database) throws {
    let nobody = try Int64.fetchOne(
      database,
      sql: """
        INSERT INTO identity (dataset, name) VALUES (?, ?)
        ON CONFLICT (dataset, name) DO UPDATE SET name = excluded.name RETURNING id
        """, arguments: [person.dataset, nobody])
    try database.execute(
      sql: """
        UPDATE sample SET identity = ?, pose = NULL, number = NULL, path = 'forgotten/' || id,
          sha256 = ?, bytes = 1, modified = 0, width = 1, height = 1, pixels_sha256 = ?,
          perceptual_hash = 0, fiducials = NULL, replaced = 1, format = NULL, channels = NULL,
          orientation = NULL, brightness = NULL, contrast = NULL, sharpness = NULL
        WHERE identity = ?
        """, arguments: [nobody, noDigest, blank, person.identity])
    try database.execute(sql: "DELETE FROM identity WHERE id = ?", arguments: [person.identity])
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

  /// Makes SQLite overwrite what it deletes.
  private func eraseDeletedContent() throws(CatalogError) {
    try outsideTransaction { _ = try Int.fetchOne($0, sql: "PRAGMA secure_delete = ON") }
  }

  /// Writes the database anew, without remains of deleted rows.
  private func compact() throws(CatalogError) {
    try outsideTransaction { database in
      try database.execute(sql: "VACUUM")
      _ = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }

  /// Returns the shards that are to be overwritten, with the rows concerned.
  public func unwipedShards() throws(CatalogError) -> [Int: [Int]] {
    guard hasFacts else { return [:] }
    return try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT u.shard, s.row FROM unwiped AS u
          JOIN sample AS s ON s.id >= 1024 * u.shard AND s.id < 1024 * (u.shard + 1)
          WHERE s.sha256 = ? AND s.replaced = 1
          """, arguments: [Self.noDigest])
      return Dictionary(grouping: rows, by: { $0[0] as Int }).mapValues { $0.map { $0[1] } }
    }
  }

  /// Returns the rows of a shard that belong to forgotten people.
  public func forgottenRows(ofShard number: Int) throws(CatalogError) -> [Int] {
    try read { database in
      try Int.fetchAll(
        database,
        sql: "SELECT s.row FROM sample AS s WHERE \(Self.shardCondition) AND s.sha256 = ?",
        arguments: Self.shardArguments(number) + [Self.noDigest])
    }
  }

  /// Records that a shard was overwritten.
  public func recordWiped(shard: Int) throws(CatalogError) {
    try write { database in
      try database.execute(sql: "DELETE FROM unwiped WHERE shard = ?", arguments: [shard])
    }
  }
}

import Foundation
internal import GRDB
import Shards

/// The stored data of a person who is to be forgotten.
public struct PersonalData: Sendable, Equatable {
  /// The rows of the samples by shard, including dropped, excluded and replaced samples.
  public let rows: [Int: [Int]]
  /// Number of samples that count.
  public let samples: Int
  /// Samples of other identities with the same file or pixels; at most ``listed``.
  public let copies: [String]

  /// The maximum number of copies that are named.
  public static let listed = 50
}

extension Catalog {
  /// The SHA-256 in the rows of forgotten samples.
  static let noDigest = String(repeating: "0", count: 64)
  /// The identity of such rows; it has no samples that count.
  public static let nobody = "(forgotten)"

  /// Returns the digest that stands for a forgotten person.
  ///
  /// All forms of Unicode of one name have the same digest, as file systems may change the form.
  public static func tombstone(dataset: String, identity: String) -> String {
    let name = identity.precomposedStringWithCanonicalMapping
    return Digest.sha256(Array("\(dataset)\n\(name)".utf8))
  }

  /// Returns the digest that stands for a picture of a forgotten person.
  public static func tombstone(dataset: String, path: String) -> String {
    Digest.sha256(Array("\(dataset)\n\n\(path)".utf8))
  }

  /// Returns the tombstones of all forgotten people and their pictures.
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

  /// Selects the ids of a person's samples, and of replaced samples of the same files.
  static let personSQL = """
    SELECT id FROM sample WHERE identity = :identity
    UNION SELECT old.id FROM sample AS own JOIN sample AS old
      ON old.dataset = own.dataset AND old.path = own.path AND old.replaced = 1
      AND old.id IN (SELECT id FROM sample INDEXED BY sample_replaced WHERE replaced = 1)
    WHERE own.identity = :identity
    """

  /// Returns what the store holds of an identity of a dataset.
  public func personalData(
    dataset: String, identity: String
  ) throws(CatalogError) -> PersonalData {
    try read { database in
      let person = try Int64.fetchOne(
        database,
        sql: """
          SELECT i.id FROM identity AS i JOIN dataset AS d ON d.id = i.dataset
          WHERE d.name = ? AND i.name = ?
          """, arguments: [dataset, identity])
      let ids = try Int.fetchAll(
        database, sql: Self.personSQL, arguments: ["identity": person])
      let list = ids.map(String.init).joined(separator: ",")
      return PersonalData(
        rows: Dictionary(grouping: ids, by: { $0 / Self.shardCapacity })
          .mapValues { $0.map { $0 % Self.shardCapacity } },
        samples: try Int.fetchOne(
          database, sql: "SELECT count(*) FROM kept WHERE id IN (\(list))") ?? 0,
        copies: try String.fetchAll(
          database,
          sql: """
            SELECT path FROM sample WHERE replaced = 0 AND id NOT IN (\(list)) AND (
              sha256 IN (SELECT sha256 FROM sample WHERE id IN (\(list)))
              OR pixels_sha256 IN (SELECT pixels_sha256 FROM sample WHERE id IN (\(list))))
            ORDER BY path LIMIT \(PersonalData.listed)
            """))
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

  /// Writes the database anew, without remains of deleted rows, if people were forgotten since.
  ///
  /// Some builds of SQLite overwrite deleted rows at once (`PRAGMA secure_delete`), its default does
  /// not. While another program reads the catalog, its old pages stay, and the next writer tries again.
  public func compactIfNeeded() throws(CatalogError) {
    let isNeeded = try read {
      try Bool.fetchOne($0, sql: "SELECT EXISTS (SELECT 1 FROM store WHERE key = 'compact')")
    }
    guard isNeeded == true else { return }
    var isBusy = false
    try outsideTransaction { database in
      try database.execute(sql: "VACUUM")
      let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      isBusy = row.map { $0[0] as Int != 0 } ?? false
    }
    guard !isBusy else { return }
    try write { try $0.execute(sql: "DELETE FROM store WHERE key = 'compact'") }
  }
}

import Foundation
internal import GRDB

/// The location and the properties of a dataset.
public struct DatasetRecord: Sendable, Equatable {
  /// Its name in the store.
  public let name: String
  /// The folder that its paths are relative to.
  public let root: String
  /// The dataset whose official protocols these images follow, as "lfw"; `nil` if there is none.
  public let protocols: String?

  /// Creates a dataset.
  public init(name: String, root: String, protocols: String? = nil) {
    self.name = name
    self.root = root
    self.protocols = protocols
  }
}

extension Catalog {
  /// Returns the ingest configuration of all samples, as JSON with sorted keys; `nil` in a new
  /// store.
  public func configuration() throws(CatalogError) -> String? {
    try read { database in
      try String.fetchOne(database, sql: "SELECT value FROM store WHERE key = 'ingest'")
    }
  }

  /// Checks that the store has no samples with a configuration other than `configuration`; writes
  /// nothing.
  ///
  /// - Throws: ``CatalogError/configurationDiffers(stored:asked:)``.
  public func check(configuration: String) throws(CatalogError) {
    try read { try Self.check(configuration: configuration, $0) }
  }

  /// Returns true if the store already has `configuration`; a store without shards accepts any.
  @discardableResult
  private static func check(configuration: String, _ database: Database) throws -> Bool {
    let stored = try String.fetchOne(database, sql: "SELECT value FROM store WHERE key = 'ingest'")
    if stored == configuration { return true }
    if let stored, try Int.fetchOne(database, sql: "SELECT 1 FROM shard LIMIT 1") != nil {
      throw CatalogError.configurationDiffers(stored: stored, asked: configuration)
    }
    return false
  }

  /// Sets the store's configuration, or checks that it is already `configuration`.
  ///
  /// A store without shards accepts any configuration.
  ///
  /// - Throws: ``CatalogError/configurationDiffers(stored:asked:)``.
  public func adopt(configuration: String) throws(CatalogError) {
    try write { database in
      guard try !Self.check(configuration: configuration, database) else { return }
      try database.execute(
        sql: "INSERT OR REPLACE INTO store (key, value) VALUES ('ingest', ?)",
        arguments: [configuration])
    }
  }

  /// Adds the dataset, or updates the location of a known one.
  public func add(_ dataset: DatasetRecord) throws(CatalogError) {
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO dataset (name, root, protocols) VALUES (?, ?, ?)
          ON CONFLICT (name) DO UPDATE SET root = excluded.root, protocols = excluded.protocols
          """, arguments: [dataset.name, dataset.root, dataset.protocols])
    }
  }

  /// Adds a shard with its samples and the rejections of the same source files in one transaction.
  ///
  /// The shard's file must already be durably stored in its final place.
  ///
  /// - Parameters:
  ///   - shard: the shard's row.
  ///   - samples: its samples, by row.
  ///   - rejections: the files of the same source entries that did not become samples.
  ///   - isRefresh: whether the files may already be in the store; the stored data about them is
  ///     replaced.
  /// - Throws: ``CatalogError``; in this case nothing is added.
  public func add(
    _ shard: ShardRecord, samples: [Sample], rejections: [Rejection], isRefresh: Bool = false
  ) throws(CatalogError) {
    try write { database in
      guard
        let dataset = try Int64.fetchOne(
          database, sql: "SELECT id FROM dataset WHERE name = ?", arguments: [shard.dataset])
      else {
        throw CatalogError.database(path: folder.catalog, message: "no dataset \(shard.dataset)")
      }
      if isRefresh {
        try Self.replace(samples.map(\.path) + rejections.map(\.path), dataset, database)
      }
      try database.execute(
        sql: """
          INSERT INTO shard (number, dataset, file, sha256, bytes, samples, rejections)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          shard.number, dataset, StoreFolder.shardName(shard.number), shard.sha256,
          shard.byteCount, samples.count, rejections.count,
        ])
      try database.execute(
        sql: "INSERT INTO shard_hash (shard, hashes) VALUES (?, ?)",
        arguments: [shard.number, HashBlob(samples.map(\.perceptualHash)).data])
      for sample in samples { try Self.insert(sample, dataset: dataset, database) }
      for rejection in rejections {
        try database.cachedStatement(
          sql: "INSERT INTO rejection VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(
          arguments: [
            dataset, rejection.path, rejection.reason.rawValue, rejection.detail,
            rejection.file?.bytes, rejection.file?.modified, rejection.sha256, shard.number,
            rejection.thumbnail.map { Data($0) },
          ])
      }
    }
  }

  private static func insert(_ sample: Sample, dataset: Int64, _ database: Database) throws {
    let identify = try database.cachedStatement(
      sql: """
        INSERT INTO identity (dataset, name) VALUES (?, ?)
        ON CONFLICT (dataset, name) DO UPDATE SET name = excluded.name RETURNING id
        """)
    let identity = try Int64.fetchOne(identify, arguments: [dataset, sample.identity])
    let insert = try database.cachedStatement(
      sql: """
        INSERT INTO sample
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)
        """)
    try insert.execute(
      arguments: [
        sample.id, dataset, identity, sample.pose, sample.number, sample.path, sample.sha256,
        sample.file.bytes, sample.file.modified, sample.width, sample.height, sample.shard,
        sample.row, sample.pixelsSHA256, Int64(bitPattern: sample.perceptualHash),
        sample.fiducials, sample.facts?.format, sample.facts?.channels, sample.facts?.orientation,
        sample.facts?.brightness, sample.facts?.contrast, sample.facts?.sharpness,
      ])
    try correct(sample, dataset: dataset, database)
    guard let crop = sample.crop else { return }
    try database.cachedStatement(
      sql: "INSERT INTO crop VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ).execute(
      arguments: [
        sample.id, crop.left, crop.top, crop.side, crop.angle, crop.faces, crop.face?.left,
        crop.face?.top, crop.face?.width, crop.face?.height, crop.face?.score, crop.landmarks,
      ])
  }

  /// Marks the samples of these files as replaced, and deletes their rejections.
  ///
  /// Samples dropped as copies of a replaced sample count again, and the search for duplicates
  /// starts again. Both happen in the same transaction, so that an interrupted run leaves no stale
  /// data.
  private static func replace(_ paths: [String], _ dataset: Int64, _ database: Database) throws {
    let mark = try database.cachedStatement(
      sql: """
        UPDATE sample SET replaced = 1 WHERE dataset = ? AND path = ? AND replaced = 0 RETURNING id
        """)
    var isReplaced = false
    for path in paths {
      if let id = try Int64.fetchOne(mark, arguments: [dataset, path]) {
        isReplaced = true
        try database.cachedStatement(sql: "DELETE FROM dropped WHERE duplicate_of = ?")
          .execute(arguments: [id])
      }
      try forgetRejection(of: path, dataset, database)
    }
    if isReplaced { try forgetDuplicateSearch(database) }
  }

  static func forgetRejection(
    of path: String, _ dataset: Int64, _ database: Database
  ) throws {
    try database.cachedStatement(
      sql: """
        UPDATE shard SET rejections = rejections - 1 WHERE number = (
          SELECT shard FROM rejection WHERE dataset = ? AND path = ?)
        """
    ).execute(arguments: [dataset, path])
    try database.cachedStatement(sql: "DELETE FROM rejection WHERE dataset = ? AND path = ?")
      .execute(arguments: [dataset, path])
  }

  /// Deletes the rejections of a dataset, so that its files are tried again.
  ///
  /// - Returns: the number of deleted rejections.
  public func forgetRejections(dataset: String) throws(CatalogError) -> Int {
    try write { database in
      let id = try Int64.fetchOne(
        database, sql: "SELECT id FROM dataset WHERE name = ?", arguments: [dataset])
      try database.execute(sql: "DELETE FROM rejection WHERE dataset = ?", arguments: [id])
      let count = database.changesCount
      try database.execute(
        sql: "UPDATE shard SET rejections = 0 WHERE dataset = ?", arguments: [id])
      return count
    }
  }

  /// Returns the numbers of all shards.
  public func shardNumbers() throws(CatalogError) -> Set<Int> {
    try read { try Int.fetchSet($0, sql: "SELECT number FROM shard") }
  }
}

internal import GRDB

/// Where a dataset lies and what is known of it.
public struct DatasetRecord: Sendable, Equatable {
  /// Its name in the store.
  public let name: String
  /// The folder that its paths are relative to.
  public let root: String
  /// Whose official protocols its images follow, as "lfw"; `nil` for none.
  public let protocols: String?

  /// A dataset.
  public init(name: String, root: String, protocols: String? = nil) {
    self.name = name
    self.root = root
    self.protocols = protocols
  }
}

extension Catalog {
  /// The ingest configuration all samples share, as JSON with sorted keys; `nil` in a new store.
  public func configuration() throws(CatalogError) -> String? {
    try read { database in
      try String.fetchOne(database, sql: "SELECT value FROM store WHERE key = 'ingest'")
    }
  }

  /// Refuses `configuration` if the store has samples of another one; writes nothing.
  ///
  /// - Throws: ``CatalogError/configurationDiffers(stored:asked:)``.
  public func check(configuration: String) throws(CatalogError) {
    try read { try Self.check(configuration: configuration, $0) }
  }

  /// Returns true if `configuration` is the store's already; a store without shards takes any.
  @discardableResult
  private static func check(configuration: String, _ database: Database) throws -> Bool {
    let stored = try String.fetchOne(database, sql: "SELECT value FROM store WHERE key = 'ingest'")
    if stored == configuration { return true }
    if let stored, try Int.fetchOne(database, sql: "SELECT 1 FROM shard LIMIT 1") != nil {
      throw CatalogError.configurationDiffers(stored: stored, asked: configuration)
    }
    return false
  }

  /// Makes `configuration` the store's, or checks that it is already; a store without shards takes
  /// any.
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

  /// Adds the dataset or, when it is known, notes where it lies now.
  public func add(_ dataset: DatasetRecord) throws(CatalogError) {
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO dataset (name, root, protocols) VALUES (?, ?, ?)
          ON CONFLICT (name) DO UPDATE SET root = excluded.root, protocols = excluded.protocols
          """, arguments: [dataset.name, dataset.root, dataset.protocols])
    }
  }

  /// Adds a shard with its samples and the rejections of the same source files, all or nothing.
  ///
  /// The shard's file must already lie durably in its place.
  ///
  /// - Parameters:
  ///   - shard: the shard's row.
  ///   - samples: its samples, by row.
  ///   - rejections: the files of the same run of entries that did not become samples.
  ///   - isRefresh: whether files the store knows may be among them; what was known of those is
  ///     replaced.
  /// - Throws: ``CatalogError``; nothing is added then.
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
          sql: "INSERT INTO rejection VALUES (?, ?, ?, ?, ?, ?, ?)"
        ).execute(
          arguments: [
            dataset, rejection.path, rejection.reason.rawValue, rejection.detail,
            rejection.file?.bytes, rejection.file?.modified, shard.number,
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
      sql: "INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)")
    try insert.execute(
      arguments: [
        sample.id, dataset, identity, sample.pose, sample.number, sample.path, sample.sha256,
        sample.file.bytes, sample.file.modified, sample.width, sample.height, sample.shard,
        sample.row, sample.pixelsSHA256, Int64(bitPattern: sample.perceptualHash),
        sample.fiducials,
      ])
    guard let crop = sample.crop else { return }
    try database.cachedStatement(
      sql: "INSERT INTO crop VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ).execute(
      arguments: [
        sample.id, crop.left, crop.top, crop.side, crop.angle, crop.faces, crop.face?.left,
        crop.face?.top, crop.face?.width, crop.face?.height, crop.face?.score, crop.landmarks,
      ])
  }

  /// Marks the samples of these files as replaced, and forgets their rejections.
  private static func replace(_ paths: [String], _ dataset: Int64, _ database: Database) throws {
    let mark = try database.cachedStatement(
      sql: "UPDATE sample SET replaced = 1 WHERE dataset = ? AND path = ? AND replaced = 0")
    for path in paths {
      try mark.execute(arguments: [dataset, path])
      try forgetRejection(of: path, dataset, database)
    }
  }

  private static func forgetRejection(
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

  /// Forgets the rejections of a dataset, so that its files are tried again.
  ///
  /// - Returns: how many there were.
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

  /// What the catalog knows of the files among `candidates`, as samples or as rejections.
  public func known(
    _ candidates: some Sequence<String>, dataset: String
  ) throws(CatalogError) -> [UTF8Key: KnownFile] {
    try read { database in
      let id = try Int64.fetchOne(
        database, sql: "SELECT id FROM dataset WHERE name = ?", arguments: [dataset])
      let sample = try database.cachedStatement(sql: Self.knownSampleSQL)
      let rejection = try database.cachedStatement(sql: Self.knownRejectionSQL)
      var known: [UTF8Key: KnownFile] = [:]
      for path in candidates {
        guard
          let row = try Row.fetchOne(sample, arguments: [id, path])
            ?? Row.fetchOne(rejection, arguments: [id, path])
        else { continue }
        var stamp: FileStamp?
        if let bytes: Int = row[0], let modified: Int = row[1] {
          stamp = FileStamp(bytes: bytes, modified: modified)
        }
        known[UTF8Key(path)] = KnownFile(stamp: stamp, sha256: row[2])
      }
      return known
    }
  }

  static let knownSampleSQL =
    "SELECT bytes, modified, sha256 FROM sample WHERE dataset = ? AND path = ? AND replaced = 0"
  static let knownRejectionSQL =
    "SELECT bytes, modified, NULL FROM rejection WHERE dataset = ? AND path = ?"

  /// Records new modification times of files whose bytes were found to be the same.
  public func touch(_ files: [(path: String, modified: Int)], dataset: String) throws(CatalogError)
  {
    try write { database in
      let id = try Int64.fetchOne(
        database, sql: "SELECT id FROM dataset WHERE name = ?", arguments: [dataset])
      let update = try database.cachedStatement(
        sql: "UPDATE sample SET modified = ? WHERE dataset = ? AND path = ? AND replaced = 0")
      for file in files { try update.execute(arguments: [file.modified, id, file.path]) }
    }
  }

  /// Some of the files that became samples of a dataset, spread over its paths that begin with
  /// `prefix`, to see whether a folder holds them.
  ///
  /// - Returns: at most `count` paths with the length and SHA-256 of their files.
  public func examples(
    dataset: String, prefix: String, count: Int
  ) throws(CatalogError) -> [(path: String, bytes: Int, sha256: String)] {
    try read { database in
      let id = try Int64.fetchOne(
        database, sql: "SELECT id FROM dataset WHERE name = ?", arguments: [dataset])
      let bounds = PathRange(prefix: prefix)
      let total =
        try Int.fetchOne(
          database, sql: "SELECT count(*) FROM sample WHERE \(bounds.condition)",
          arguments: bounds.arguments(id)) ?? 0
      var examples: [(path: String, bytes: Int, sha256: String)] = []
      for place in 0..<min(count, total) {
        let row = try Row.fetchOne(
          database,
          sql: """
            SELECT path, bytes, sha256 FROM sample WHERE \(bounds.condition)
            ORDER BY path LIMIT 1 OFFSET \(place * total / min(count, total))
            """, arguments: bounds.arguments(id))
        if let row { examples.append((row[0], row[1], row[2])) }
      }
      return examples
    }
  }

  /// How many files of a folder the store knows, as samples or rejections.
  ///
  /// - Parameters:
  ///   - dataset: the dataset's name.
  ///   - prefix: how the paths of the folder begin; empty for the dataset's own root.
  ///   - pose: only samples of this pose, and no rejections; `nil` for all.
  public func knownCount(
    dataset: String, prefix: String, pose: String?
  ) throws(CatalogError) -> Int {
    try read { database in
      let id = try Int64.fetchOne(
        database, sql: "SELECT id FROM dataset WHERE name = ?", arguments: [dataset])
      let bounds = PathRange(prefix: prefix)
      let samples = try Int.fetchOne(
        database,
        sql: """
          SELECT count(*) FROM sample WHERE \(bounds.condition)
          \(pose == nil ? "" : "AND pose = :pose")
          """, arguments: bounds.arguments(id, pose: pose))
      let rejections =
        pose != nil
        ? 0
        : try Int.fetchOne(
          database, sql: "SELECT count(*) FROM rejection WHERE \(bounds.rejectionCondition)",
          arguments: bounds.arguments(id))
      return (samples ?? 0) + (rejections ?? 0)
    }
  }

  /// The known files of a folder behind `path`, in the order of their bytes; at most `limit`.
  public func knownPaths(
    dataset: String, prefix: String, pose: String?, after path: String, limit: Int
  ) throws(CatalogError) -> [String] {
    try read { database in
      let id = try Int64.fetchOne(
        database, sql: "SELECT id FROM dataset WHERE name = ?", arguments: [dataset])
      let bounds = PathRange(prefix: prefix)
      var arguments = bounds.arguments(id, pose: pose)
      arguments += ["after": path, "limit": limit]
      var sql = "SELECT path FROM sample WHERE \(bounds.condition) AND path > :after"
      sql +=
        pose == nil
        ? """
         UNION ALL SELECT path FROM rejection WHERE \(bounds.rejectionCondition)
         AND path > :after
        """ : " AND pose = :pose"
      return try String.fetchAll(
        database, sql: sql + " ORDER BY path LIMIT :limit", arguments: arguments)
    }
  }

  /// The numbers of the shards that count.
  public func shardNumbers() throws(CatalogError) -> Set<Int> {
    try read { try Int.fetchSet($0, sql: "SELECT number FROM shard") }
  }
}

/// The paths of one folder of a dataset.
private struct PathRange {
  let prefix: String
  let rejectionCondition: String
  /// The condition for current samples.
  var condition: String { "\(rejectionCondition) AND replaced = 0" }

  /// Paths of further folders begin with "../", those of the dataset's own root never do.
  init(prefix: String) {
    self.prefix = prefix
    rejectionCondition =
      prefix.isEmpty
      ? "dataset = :dataset AND (path < '../' OR path >= '..0')"
      : "dataset = :dataset AND path >= :first AND path < :last"
  }

  func arguments(_ dataset: Int64?, pose: String? = nil) -> StatementArguments {
    var arguments: StatementArguments = ["dataset": dataset]
    if !prefix.isEmpty {
      // "0" is the character behind "/".
      arguments += ["first": prefix, "last": prefix.dropLast() + "0"]
    }
    if let pose { arguments += ["pose": pose] }
    return arguments
  }
}

internal import GRDB

extension Catalog {
  /// Returns what the catalog knows about the files among `candidates`, as samples or as
  /// rejections.
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
    "SELECT bytes, modified, sha256 FROM rejection WHERE dataset = ? AND path = ?"

  /// Records new modification times of files with unchanged bytes.
  public func touch(_ files: [(path: String, modified: Int)], dataset: String) throws(CatalogError)
  {
    try write { database in
      let id = try Int64.fetchOne(
        database, sql: "SELECT id FROM dataset WHERE name = ?", arguments: [dataset])
      let update = try database.cachedStatement(
        sql: "UPDATE sample SET modified = ? WHERE dataset = ? AND path = ? AND replaced = 0")
      let updateRejection = try database.cachedStatement(
        sql: "UPDATE rejection SET modified = ? WHERE dataset = ? AND path = ?")
      for file in files {
        try update.execute(arguments: [file.modified, id, file.path])
        try updateRejection.execute(arguments: [file.modified, id, file.path])
      }
    }
  }

  /// Returns some files below a dataset's own root that became samples, spread over its shards.
  ///
  /// They serve to check whether a folder contains the dataset. Only single rows are read, because
  /// a dataset may have millions of samples.
  ///
  /// - Parameters:
  ///   - dataset: the dataset's name.
  ///   - count: the maximum number of files; fewer are returned if the shards lack suitable rows.
  /// - Returns: the paths with the length and SHA-256 of their files.
  /// - Throws: ``CatalogError`` if the catalog cannot be read.
  public func examples(
    dataset: String, count: Int
  ) throws(CatalogError) -> [(path: String, bytes: Int, sha256: String)] {
    try read { database in
      let shards = try Row.fetchAll(
        database,
        sql: """
          SELECT number, samples FROM shard
          WHERE dataset = (SELECT id FROM dataset WHERE name = ?) AND samples > 0 ORDER BY number
          """, arguments: [dataset])
      let statement = try database.cachedStatement(sql: Self.exampleSQL)
      var examples: [Int: (path: String, bytes: Int, sha256: String)] = [:]
      for place in 0..<count where !shards.isEmpty {
        // The position among all samples if all shards had the same size.
        let position = Double(place) / Double(count) * Double(shards.count)
        let (number, samples): (Int, Int) = (shards[Int(position)][0], shards[Int(position)][1])
        let first = number * Self.shardCapacity
        let row = Int(position.truncatingRemainder(dividingBy: 1) * Double(samples))
        let found = try Row.fetchOne(
          statement, arguments: [first + row, first + Self.shardCapacity])
        if let found { examples[found[0]] = (found[1], found[2], found[3]) }
      }
      return examples.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  /// Paths in additional folders begin with "../".
  static let exampleSQL = """
    SELECT id, path, bytes, sha256 FROM sample
    WHERE id >= ? AND id < ? AND replaced = 0 AND (path < '../' OR path >= '..0') LIMIT 1
    """

  /// Returns true if the store knows a file of a folder, as a sample or a rejection.
  ///
  /// - Parameters:
  ///   - dataset: the dataset's name.
  ///   - prefix: the prefix of the folder's paths; empty for the dataset's own root.
  /// - Returns: true if it knows one.
  /// - Throws: ``CatalogError`` if the catalog cannot be read.
  public func knowsFiles(dataset: String, prefix: String) throws(CatalogError) -> Bool {
    try read { database in
      let id = try Int64.fetchOne(
        database, sql: "SELECT id FROM dataset WHERE name = ?", arguments: [dataset])
      let bounds = PathRange(prefix: prefix)
      return try Bool.fetchOne(
        database,
        sql: """
          SELECT EXISTS (SELECT 1 FROM sample WHERE \(bounds.condition))
            OR EXISTS (SELECT 1 FROM rejection WHERE \(bounds.rejectionCondition))
          """, arguments: bounds.arguments(id)) ?? false
    }
  }

  /// Returns the number of files of a folder that the store knows, as samples or rejections.
  ///
  /// - Parameters:
  ///   - dataset: the dataset's name.
  ///   - prefix: the prefix of the folder's paths; empty for the dataset's own root.
  ///   - pose: counts only samples of this pose, and no rejections; `nil` for all.
  /// - Returns: the count.
  /// - Throws: ``CatalogError`` if the catalog cannot be read.
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

  /// Returns the known files of a folder after `path`, in byte order, at most `limit`.
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
}

/// The paths of one folder of a dataset.
private struct PathRange {
  let prefix: String
  let rejectionCondition: String
  /// The condition for current samples.
  var condition: String { "\(rejectionCondition) AND replaced = 0" }

  /// Paths in additional folders begin with "../"; those below the dataset's own root never do.
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
      // "0" is the character after "/".
      arguments += ["first": prefix, "last": prefix.dropLast() + "0"]
    }
    if let pose { arguments += ["pose": pose] }
    return arguments
  }
}

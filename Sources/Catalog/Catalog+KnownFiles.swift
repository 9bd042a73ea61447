internal import GRDB

extension Catalog {
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
  /// - Returns: the count.
  /// - Throws: ``CatalogError`` when the catalog cannot be read.
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

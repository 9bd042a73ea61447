internal import GRDB

extension Catalog {
  /// The ingest configuration all samples share, as JSON with sorted keys; `nil` in a new store.
  public func configuration() throws(CatalogError) -> String? {
    try read { database in
      try String.fetchOne(database, sql: "SELECT value FROM store WHERE key = 'ingest'")
    }
  }

  /// Makes `configuration` the store's, or checks that it is already; a store without shards takes
  /// any.
  ///
  /// - Throws: ``CatalogError/configurationDiffers(stored:asked:)``.
  public func adopt(configuration: String) throws(CatalogError) {
    try write { database in
      let stored = try String.fetchOne(
        database, sql: "SELECT value FROM store WHERE key = 'ingest'")
      if stored == configuration { return }
      if let stored, try Int.fetchOne(database, sql: "SELECT 1 FROM shard LIMIT 1") != nil {
        throw CatalogError.configurationDiffers(stored: stored, asked: configuration)
      }
      try database.execute(
        sql: "INSERT OR REPLACE INTO store (key, value) VALUES ('ingest', ?)",
        arguments: [configuration])
    }
  }

  /// Adds the dataset or, when it is known, notes where it lies now.
  public func addDataset(_ name: String, root: String) throws(CatalogError) {
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO dataset (name, root) VALUES (?, ?)
          ON CONFLICT (name) DO UPDATE SET root = excluded.root
          """, arguments: [name, root])
    }
  }

  /// Adds a shard with its samples and the rejections of the same source files, all or nothing.
  ///
  /// The shard's file must already lie durably in its place.
  public func add(
    _ shard: ShardRecord, samples: [Sample], rejections: [Rejection]
  ) throws(CatalogError) {
    try write { database in
      guard
        let dataset = try Int64.fetchOne(
          database, sql: "SELECT id FROM dataset WHERE name = ?", arguments: [shard.dataset])
      else {
        throw CatalogError.database(path: folder.catalog, message: "no dataset \(shard.dataset)")
      }
      try database.execute(
        sql: "INSERT INTO shard VALUES (?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          shard.number, dataset, StoreFolder.shardName(shard.number), shard.sha256,
          shard.byteCount, samples.count, rejections.count,
        ])
      for sample in samples { try Self.insert(sample, dataset: dataset, database) }
      for rejection in rejections {
        try database.execute(
          sql: "INSERT INTO rejection VALUES (?, ?, ?, ?, ?)",
          arguments: [
            dataset, rejection.path, rejection.reason.rawValue, rejection.detail, shard.number,
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
      sql: "INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    try insert.execute(
      arguments: [
        sample.id, dataset, identity, sample.pose, sample.number, sample.path, sample.sha256,
        sample.width, sample.height, sample.shard, sample.row, sample.pixelsSHA256,
        Int64(bitPattern: sample.perceptualHash), sample.fiducials,
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

  /// The paths among `candidates` that the catalog knows, as samples or as rejections.
  public func known(
    _ candidates: some Sequence<String>, dataset: String
  ) throws(CatalogError) -> Set<String> {
    try read { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT EXISTS (SELECT 1 FROM sample WHERE dataset = d.id AND path = :path)
            OR EXISTS (SELECT 1 FROM rejection WHERE dataset = d.id AND path = :path)
          FROM dataset AS d WHERE d.name = :dataset
          """)
      var known: Set<String> = []
      for path in candidates
      where try Bool.fetchOne(statement, arguments: ["path": path, "dataset": dataset]) == true {
        known.insert(path)
      }
      return known
    }
  }

  /// The numbers of the shards that count.
  public func shardNumbers() throws(CatalogError) -> Set<Int> {
    try read { try Int.fetchSet($0, sql: "SELECT number FROM shard") }
  }
}

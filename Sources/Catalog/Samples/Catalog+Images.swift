internal import GRDB

/// The properties that distinguish a sample from the others of its dataset.
public struct ImageKey: Sendable, Equatable {
  /// The sample's id.
  public let id: Int
  /// The dataset's name.
  public let dataset: String
  /// The identity's name.
  public let identity: String
  /// The pose, if the dataset distinguishes poses.
  public let pose: String?
  /// The number of the image within its identity, if the file name contains it.
  public let number: Int?
  /// The file, relative to the dataset's root.
  public let path: String
}

/// A sample and an earlier sample that it duplicates.
public struct DuplicateLink: Sendable, Equatable {
  /// The kind of similarity.
  public let kind: DuplicatePair.Kind
  /// The later sample's id.
  public let later: Int
  /// The earlier sample's id.
  public let earlier: Int

  /// Creates a link from a later sample to an earlier one.
  public init(kind: DuplicatePair.Kind, later: Int, earlier: Int) {
    self.kind = kind
    self.later = later
    self.earlier = earlier
  }
}

extension Catalog {
  /// Calls `body` for every identity, by dataset and name, with the ids of its samples by path.
  ///
  /// Millions of samples take seconds, because only ids and paths are read and SQLite does not
  /// sort.
  public func forEachIdentity(
    _ body: (_ dataset: String, _ name: String, _ samples: [Int]) -> Void
  ) throws(CatalogError) {
    try read { database in
      let datasets = try Row.fetchAll(database, sql: "SELECT id, name FROM dataset ORDER BY name")
      for row in datasets {
        let (dataset, datasetName): (Int64, String) = (row[0], row[1])
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT i.id, i.name, s.id, s.path
            FROM identity AS i CROSS JOIN sample AS s ON s.identity = i.id
            WHERE i.dataset = ? AND s.replaced = 0 AND s.id NOT IN (SELECT sample FROM dropped)
              \(hasFacts ? "AND s.id NOT IN (SELECT sample FROM excluded)" : "")
            ORDER BY i.name
            """, arguments: [dataset])
        var current: Int64?
        var name = ""
        var samples: [(path: String, id: Int)] = []
        func flush() {
          guard !samples.isEmpty else { return }
          samples.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
          body(datasetName, name, samples.map(\.id))
          samples.removeAll(keepingCapacity: true)
        }
        while let row = try rows.next() {
          if current != row[0] {
            flush()
            current = row[0]
            name = row[1]
          }
          samples.append((row[3], row[2]))
        }
        flush()
      }
    }
  }

  /// Calls `body` for every sample of a dataset, or of all datasets, in unspecified order.
  ///
  /// Samples that were dropped as duplicates or replaced are skipped.
  public func forEachImage(
    dataset: String? = nil, _ body: (ImageKey) -> Void
  ) throws(CatalogError) {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT s.id, d.name, i.name, s.pose, s.number, s.path
          FROM kept AS s JOIN dataset AS d ON d.id = s.dataset
          JOIN identity AS i ON i.id = s.identity
          WHERE :dataset IS NULL OR d.name = :dataset
          """, arguments: ["dataset": dataset])
      while let row = try rows.next() {
        body(
          ImageKey(
            id: row[0], dataset: row[1], identity: row[2], pose: row[3], number: row[4],
            path: row[5]))
      }
    }
  }

  /// Returns the samples with these ids.
  public func images(_ ids: some Sequence<Int>) throws(CatalogError) -> [Int: ImageKey] {
    try read { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT s.id, d.name, i.name, s.pose, s.number, s.path
          FROM sample AS s JOIN dataset AS d ON d.id = s.dataset
          JOIN identity AS i ON i.id = s.identity WHERE s.id = ?
          """)
      var images: [Int: ImageKey] = [:]
      for id in ids where images[id] == nil {
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { continue }
        images[id] = ImageKey(
          id: row[0], dataset: row[1], identity: row[2], pose: row[3], number: row[4],
          path: row[5])
      }
      return images
    }
  }

  /// Calls `body` with the dataset, the identity and the SHA-256 of the pixels of each of these
  /// samples.
  ///
  /// Dropped and replaced samples are included.
  public func forEachPicture(
    _ ids: some Sequence<Int>, _ body: (_ dataset: String, _ identity: String, String) -> Void
  ) throws(CatalogError) {
    try read { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT d.name, i.name, s.pixels_sha256
          FROM sample AS s JOIN dataset AS d ON d.id = s.dataset
          JOIN identity AS i ON i.id = s.identity WHERE s.id = ?
          """)
      for id in ids {
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { continue }
        body(row[0], row[1], row[2])
      }
    }
  }

  /// Returns the number of faces that the detector found in each sample; samples where it did not look
  /// are left out.
  public func faceCounts() throws(CatalogError) -> [Int: Int] {
    try read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT sample, faces FROM crop WHERE faces IS NOT NULL")
      return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }
  }

  /// Returns all samples that duplicate an earlier one, by id.
  public func duplicateLinks() throws(CatalogError) -> [DuplicateLink] {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT link.kind, link.sample, link.earlier FROM (
            SELECT kind, sample, earlier FROM same_picture
            UNION ALL SELECT 'near', sample, earlier FROM near_duplicate
          ) AS link
          JOIN kept AS one ON one.id = link.sample JOIN kept AS other ON other.id = link.earlier
          """)
      var links: [DuplicateLink] = []
      while let row = try rows.next() {
        guard let kind = DuplicatePair.Kind(rawValue: row[0]) else { continue }
        links.append(DuplicateLink(kind: kind, later: row[1], earlier: row[2]))
      }
      return links
    }
  }
}

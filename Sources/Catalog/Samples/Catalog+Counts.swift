internal import GRDB

/// The numbers of items in a store.
public struct StoreCounts: Sendable, Equatable, Codable {
  /// Number of stored samples.
  public var samples = 0
  /// Number of identities with at least one sample.
  public var identities = 0
  /// Number of files that did not become samples.
  public var rejections = 0
  /// Number of shards.
  public var shards = 0
  /// Number of samples with the same file or pixels as an earlier sample.
  public var duplicates = 0
  /// Number of pairs of samples that look similar but are not identical.
  public var nearDuplicates = 0
}

extension Catalog {
  /// Returns the counts of one dataset, or of the whole store.
  ///
  /// Samples are not counted row by row: each shard records its number of samples, and dropped,
  /// excluded and replaced samples are subtracted. CROSS JOIN prevents SQLite from starting with the samples
  /// table.
  public func counts(dataset: String? = nil) throws(CatalogError) -> StoreCounts {
    try read { database in
      func count(_ sql: String) throws -> Int {
        try Int.fetchOne(database, sql: sql, arguments: ["dataset": dataset]) ?? 0
      }
      let isWanted = """
        (:dataset IS NULL OR dataset = (SELECT id FROM dataset WHERE name = :dataset))
        """
      return StoreCounts(
        samples: try count("SELECT sum(samples) FROM shard WHERE \(isWanted)")
          - count(goneSQL("count(*)", isWanted)),
        identities: try count("SELECT count(*) FROM identity WHERE \(isWanted)")
          - count(
            goneSQL("count(DISTINCT identity)", isWanted)
              + """
               AND NOT EXISTS (
                SELECT 1 FROM kept WHERE kept.identity = gone.identity)
              """),
        rejections: try count("SELECT sum(rejections) FROM shard WHERE \(isWanted)"),
        shards: try count("SELECT count(*) FROM shard WHERE \(isWanted)"),
        duplicates: try count(Self.pairsSQL("same_picture", isWanted)),
        nearDuplicates: try count(Self.pairsSQL("near_duplicate", isWanted)))
    }
  }

  /// Returns SQL for an aggregate over the dropped, excluded or replaced samples.
  private func goneSQL(_ what: String, _ condition: String) -> String {
    """
    SELECT \(what) FROM (
      SELECT sample AS id FROM dropped
      \(hasFacts ? "UNION SELECT sample FROM excluded" : "")
      UNION SELECT id FROM sample INDEXED BY sample_replaced WHERE replaced = 1
    ) AS lost CROSS JOIN sample AS gone ON gone.id = lost.id
    WHERE \(condition.replacing("OR dataset", with: "OR gone.dataset"))
    """
  }

  /// Returns SQL that counts the pairs of a table of duplicates whose samples both still exist.
  private static func pairsSQL(_ table: String, _ condition: String) -> String {
    """
    SELECT count(*) FROM \(table) AS link
    CROSS JOIN kept AS one ON one.id = link.sample
    CROSS JOIN kept AS other ON other.id = link.earlier
    WHERE \(condition.replacing("OR dataset", with: "OR one.dataset"))
    """
  }

  /// Returns the sizes of a dataset's originals with the number of samples of each, by descending
  /// number, then by width and height.
  public func originalSizes(
    dataset: String
  ) throws(CatalogError) -> [(width: Int, height: Int, samples: Int)] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT s.width, s.height, count(*) AS samples
          FROM kept AS s JOIN dataset AS d ON d.id = s.dataset
          WHERE d.name = ? GROUP BY s.width, s.height ORDER BY samples DESC, s.width, s.height
          """, arguments: [dataset]
      ).map { ($0[0], $0[1], $0[2]) }
    }
  }

  /// Returns the number of a dataset's samples by the number of faces found, with two for more than
  /// one; samples where no detector looked are left out.
  public func faceHistogram(dataset: String) throws(CatalogError) -> [Int: Int] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT min(c.faces, 2) AS found, count(*)
          FROM crop AS c JOIN kept AS s ON s.id = c.sample JOIN dataset AS d ON d.id = s.dataset
          WHERE d.name = ? AND c.faces IS NOT NULL GROUP BY found
          """, arguments: [dataset])
      return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }
  }
}

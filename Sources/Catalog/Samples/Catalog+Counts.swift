internal import GRDB

/// How much of what a store holds.
public struct StoreCounts: Sendable, Equatable, Codable {
  /// Stored samples.
  public var samples = 0
  /// Identities with a sample at least.
  public var identities = 0
  /// Files that did not become samples.
  public var rejections = 0
  /// Shards.
  public var shards = 0
  /// Samples whose file or pixels are those of an earlier sample.
  public var duplicates = 0
  /// Pairs of samples that look alike without being the same.
  public var nearDuplicates = 0
}

extension Catalog {
  /// The counts of one dataset, or of the whole store.
  ///
  /// No sample is counted one by one: shards know how many they hold, and what was dropped or replaced
  /// is subtracted. CROSS JOIN keeps SQLite from beginning with the samples.
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
          - count(Self.goneSQL("count(*)", isWanted)),
        identities: try count("SELECT count(*) FROM identity WHERE \(isWanted)")
          - count(
            Self.goneSQL("count(DISTINCT identity)", isWanted)
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

  /// Something over the samples that were dropped or replaced.
  private static func goneSQL(_ what: String, _ condition: String) -> String {
    """
    SELECT \(what) FROM (
      SELECT sample AS id FROM dropped
      UNION SELECT id FROM sample INDEXED BY sample_replaced WHERE replaced = 1
    ) AS lost CROSS JOIN sample AS gone ON gone.id = lost.id
    WHERE \(condition.replacing("OR dataset", with: "OR gone.dataset"))
    """
  }

  /// How many pairs of a table of duplicates count: both samples are there still.
  private static func pairsSQL(_ table: String, _ condition: String) -> String {
    """
    SELECT count(*) FROM \(table) AS link
    CROSS JOIN kept AS one ON one.id = link.sample
    CROSS JOIN kept AS other ON other.id = link.earlier
    WHERE \(condition.replacing("OR dataset", with: "OR one.dataset"))
    """
  }
}

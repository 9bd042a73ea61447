import Foundation
internal import GRDB
import Shards

/// An identity and its number of samples.
public struct IdentityCount: Sendable, Equatable {
  /// The identity's name.
  public let name: String
  /// Number of samples.
  public let samples: Int
}

extension Catalog {
  /// Returns the names of the datasets, sorted.
  public func datasets() throws(CatalogError) -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT name FROM dataset ORDER BY name") }
  }

  /// Returns the identities of a dataset with their counts, by descending count, then by name.
  public func identityCounts(dataset: String) throws(CatalogError) -> [IdentityCount] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT identity, count(*) AS samples FROM samples WHERE dataset = ?
          GROUP BY identity ORDER BY samples DESC, identity
          """, arguments: [dataset]
      ).map { IdentityCount(name: $0["identity"], samples: $0["samples"]) }
    }
  }

  /// Returns the number of rejected files by reason, including dropped duplicates.
  public func rejectionCounts() throws(CatalogError) -> [RejectionReason: Int] {
    try read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT reason, count(*) FROM rejections GROUP BY reason")
      return Dictionary(
        uniqueKeysWithValues: rows.compactMap { row in
          RejectionReason(rawValue: row[0]).map { ($0, row[1]) }
        })
    }
  }

  /// Number of rows read in one transaction, because the caller may take long for each row.
  private static let pageSize = 1_000

  /// Calls `body` for every rejection, by dataset and path, until it returns `false`.
  ///
  /// - Parameters:
  ///   - shards: only rejections found while these shards were made; `nil` for all, including
  ///     dropped duplicates.
  ///   - body: receives a rejection; returns `false` to stop.
  /// - Throws: ``CatalogError`` if the catalog cannot be read.
  public func forEachRejection(
    ofShards shards: Set<Int>? = nil, _ body: (Rejection) -> Bool
  ) throws(CatalogError) {
    if let shards {
      for shard in shards.sorted() {
        for rejection in try rejections(ofShard: shard) {
          guard body(rejection) else { return }
        }
      }
      return
    }
    var (dataset, path) = ("", "")
    while true {
      let page = try read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT dataset, path, reason, detail FROM rejections
            WHERE (dataset, path) > (?, ?) ORDER BY dataset, path LIMIT \(Self.pageSize)
            """, arguments: [dataset, path])
      }
      guard let last = page.last else { return }
      for row in page {
        guard let reason = RejectionReason(rawValue: row[2]) else { continue }
        let rejection = Rejection(
          dataset: row[0], path: row[1], reason: reason, detail: row[3])
        guard body(rejection) else { return }
      }
      (dataset, path) = (last[0], last[1])
    }
  }

  /// Calls `body` for every sample, by dataset, identity and path.
  ///
  /// - Parameters:
  ///   - identity: only samples of identities with this name; `nil` for all.
  ///   - body: receives a sample.
  /// - Throws: ``CatalogError`` if the catalog cannot be read.
  public func forEachSample(
    identity: String? = nil, _ body: (Sample) -> Void
  ) throws(CatalogError) {
    let datasets = try read {
      try Row.fetchAll($0, sql: "SELECT id, name FROM dataset ORDER BY name")
    }
    for row in datasets {
      let dataset: Int64 = row[0]
      var last = ""
      while true {
        let (next, samples) = try page(of: dataset, behind: last, identity: identity)
        samples.forEach(body)
        guard let next, identity == nil else { break }
        last = next
      }
    }
  }

  /// Returns the samples of a limited number of a dataset's identities after `name`, and the last
  /// of their names.
  private func page(
    of dataset: Int64, behind name: String, identity: String?
  ) throws(CatalogError) -> (last: String?, samples: [Sample]) {
    try read { database in
      let people = try Row.fetchAll(
        database,
        sql: identity == nil
          ? "SELECT id, name FROM identity WHERE dataset = ? AND name > ? ORDER BY name LIMIT 100"
          : "SELECT id, name FROM identity WHERE dataset = ? AND name = ?",
        arguments: [dataset, identity ?? name])
      let statement = try database.cachedStatement(
        sql: """
          \(columns) FROM kept AS s \(Self.sampleJoins)
          WHERE s.identity = ? ORDER BY s.path
          """)
      var samples: [Sample] = []
      for person in people {
        samples += try Row.fetchAll(statement, arguments: [person[0] as Int64]).map(Self.sample)
      }
      return (people.last?[1], samples)
    }
  }

  /// Returns the samples of one shard by row, including dropped ones.
  public func samples(ofShard number: Int) throws(CatalogError) -> [Sample] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          \(columns) FROM sample AS s \(Self.sampleJoins)
          WHERE \(Self.shardCondition) ORDER BY s.id
          """, arguments: Self.shardArguments(number)
      ).map(Self.sample)
    }
  }

  /// Returns the ids of the samples of one shard that were neither dropped nor replaced.
  public func keptIds(ofShard number: Int) throws(CatalogError) -> Set<Int> {
    try read { database in
      Set(
        try Int.fetchAll(
          database, sql: "SELECT s.id FROM kept AS s WHERE \(Self.shardCondition)",
          arguments: Self.shardArguments(number)))
    }
  }

  /// An id contains the shard number, so that the samples of a shard are adjacent in the table.
  static let shardCondition = "s.id >= ? AND s.id < ?"

  static func shardArguments(_ number: Int) -> StatementArguments {
    [number * shardCapacity, (number + 1) * shardCapacity]
  }

  static let sampleColumns = """
    SELECT d.name AS dataset, i.name AS identity, s.pose, s.number, s.path, s.sha256, s.bytes,
      s.modified, s.width, s.height, s.shard, s.row, s.pixels_sha256, s.perceptual_hash,
      s.fiducials, c.left, c.top,
      c.side, c.angle, c.faces, c.face_left, c.face_top, c.face_width, c.face_height,
      c.face_score, c.landmarks
    """

  /// The columns of a sample, with its facts where the store has them.
  var columns: String {
    Self.sampleColumns
      + (hasFacts
        ? ", s.format, s.channels, s.orientation, s.brightness, s.contrast, s.sharpness" : "")
  }

  static let sampleJoins = """
    JOIN dataset AS d ON d.id = s.dataset JOIN identity AS i ON i.id = s.identity
    LEFT JOIN crop AS c ON c.sample = s.id
    """

  private static func sample(_ row: Row) -> Sample {
    Sample(
      dataset: row[0], identity: row[1], pose: row[2], number: row[3], path: row[4],
      sha256: row[5], file: FileStamp(bytes: row[6], modified: row[7]), width: row[8],
      height: row[9], shard: row[10], row: row[11], pixelsSHA256: row[12],
      perceptualHash: UInt64(bitPattern: row[13]), fiducials: row[14], crop: crop(row),
      facts: facts(row))
  }

  private static func facts(_ row: Row) -> ImageFacts? {
    guard row.hasColumn("format"), let format: String = row["format"] else { return nil }
    return ImageFacts(
      format: format, channels: row["channels"], orientation: row["orientation"],
      brightness: row["brightness"], contrast: row["contrast"], sharpness: row["sharpness"])
  }

  private static func crop(_ row: Row) -> Crop? {
    guard let left: Int = row["left"] else { return nil }
    var face: Crop.Face?
    if let score: Double = row["face_score"] {
      face = Crop.Face(
        left: row["face_left"], top: row["face_top"], width: row["face_width"],
        height: row["face_height"], score: score)
    }
    return Crop(
      left: left, top: row["top"], side: row["side"], angle: row["angle"], faces: row["faces"],
      face: face, landmarks: row["landmarks"])
  }

  /// Returns all shards, by number.
  public func shards() throws(CatalogError) -> [ShardRecord] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT s.number, d.name, s.sha256, s.bytes, s.samples, s.rejections
          FROM shard AS s JOIN dataset AS d ON d.id = s.dataset ORDER BY s.number
          """
      ).map {
        ShardRecord(
          number: $0[0], dataset: $0[1], sha256: $0[2], byteCount: $0[3], samples: $0[4],
          rejections: $0[5])
      }
    }
  }

  /// Returns the rejections of one shard, by path.
  public func rejections(ofShard number: Int) throws(CatalogError) -> [Rejection] {
    try read { database in
      try Row.fetchAll(database, sql: rejectionsSQL, arguments: [number]).compactMap {
        row in
        var file: FileStamp?
        if let bytes: Int = row[4], let modified: Int = row[5] {
          file = FileStamp(bytes: bytes, modified: modified)
        }
        return RejectionReason(rawValue: row[2]).map {
          Rejection(
            dataset: row[0], path: row[1], reason: $0, detail: row[3], file: file, sha256: row[6],
            thumbnail: (row[7] as Data?).map { [UInt8]($0) })
        }
      }
    }
  }

  /// Selects the rejections of one shard.
  var rejectionsSQL: String {
    """
    SELECT d.name, r.path, r.reason, r.detail, r.bytes, r.modified, r.sha256,
      \(hasFacts ? "r.thumbnail" : "NULL")
    FROM rejection AS r JOIN dataset AS d ON d.id = r.dataset WHERE r.shard = ? ORDER BY r.path
    """
  }

  /// Returns the perceptual hashes of one shard as stored separately from its rows; `nil` if there
  /// are none.
  public func hashes(ofShard number: Int) throws(CatalogError) -> [UInt64]? {
    try read { database in
      try Row.fetchOne(
        database, sql: "SELECT hashes FROM shard_hash WHERE shard = ?", arguments: [number]
      ).map { HashBlob($0[0]).hashes }
    }
  }

  /// Returns the recorded digests of all shards, by number.
  public func shardDigests() throws(CatalogError) -> [Int: String] {
    try read { database in
      let rows = try Row.fetchAll(database, sql: "SELECT number, sha256 FROM shard")
      return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }
  }
}

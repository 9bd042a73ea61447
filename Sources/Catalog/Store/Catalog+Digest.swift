internal import GRDB
import Shards

extension Catalog {
  /// Returns a digest of all ingested data, independent of the order in which the store was built.
  ///
  /// It covers the configuration, every shard, every sample that is neither dropped nor replaced
  /// with its crop and fiducials, and every rejection. Documentation/Store.md, "The digest",
  /// specifies the hashed bytes.
  public func digest() throws(CatalogError) -> String {
    try read { database in
      var digest = DigestBuilder()
      for (name, sql) in Self.digestParts {
        digest.update(line: name)
        let rows = try Row.fetchCursor(database, sql: sql)
        while let row = try rows.next() {
          digest.update(line: row.databaseValues.map(Self.digestField).joined(separator: "\u{1F}"))
        }
      }
      return digest.finalize()
    }
  }

  private static let digestParts = [
    ("store", "SELECT key, value FROM store WHERE key IN ('format', 'ingest') ORDER BY key"),
    ("shards", "SELECT file, sha256, samples, rejections FROM shard ORDER BY number"),
    (
      "samples",
      """
      SELECT d.name, i.name, s.pose, s.number, s.path, s.sha256, s.bytes, s.width, s.height,
        shard.file, s.row, s.pixels_sha256, s.perceptual_hash
      FROM kept AS s JOIN dataset AS d ON d.id = s.dataset
      JOIN identity AS i ON i.id = s.identity JOIN shard ON shard.number = s.shard ORDER BY s.id
      """
    ),
    (
      "fiducials",
      """
      SELECT d.name, s.path, s.fiducials FROM kept AS s JOIN dataset AS d ON d.id = s.dataset
      WHERE s.fiducials IS NOT NULL ORDER BY s.id
      """
    ),
    (
      "crops",
      """
      SELECT d.name, s.path, c.left, c.top, c.side, c.angle, c.faces, c.face_left, c.face_top,
        c.face_width, c.face_height, c.face_score, c.landmarks
      FROM crop AS c JOIN kept AS s ON s.id = c.sample JOIN dataset AS d ON d.id = s.dataset
      ORDER BY s.id
      """
    ),
    (
      "rejections",
      "SELECT dataset, path, reason, detail FROM rejections ORDER BY dataset, path"
    ),
  ]

  /// Returns a value in the digest's format: a letter for its type, then the value.
  private static func digestField(_ value: DatabaseValue) -> String {
    switch value.storage {
    case .null: return "n"
    case .int64(let number): return "i\(number)"
    case .double(let number):
      let bits = String(number.bitPattern, radix: 16)
      return "r" + String(repeating: "0", count: 16 - bits.count) + bits
    case .string(let text): return "t\(text.utf8.count):\(text)"
    case .blob(let data):
      return "b" + data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }
}

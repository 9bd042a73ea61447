import Foundation
internal import GRDB

/// Number of samples by properties of their source files.
public struct SourceCounts: Sendable, Equatable, Codable {
  /// By format, as "jpeg".
  public var formats: [String: Int] = [:]
  /// By number of channels, with alpha.
  public var channels: [Int: Int] = [:]
  /// By EXIF orientation.
  public var orientations: [Int: Int] = [:]
}

/// Brightness, contrast and sharpness of one sample.
public struct SampleQuality: Sendable, Equatable {
  /// The sample's id.
  public let id: Int
  /// The mean luma, 0 to 255.
  public let brightness: Double
  /// The standard deviation of the luma, 0 to 127.5.
  public let contrast: Double
  /// The variance of the Laplacian of the luma.
  public let sharpness: Double
}

extension Catalog {
  /// Returns the number of a dataset's samples by format, channels and orientation; empty in stores of
  /// an earlier version.
  public func sourceCounts(dataset: String) throws(CatalogError) -> SourceCounts {
    guard hasFacts else { return SourceCounts() }
    return try read { database in
      var counts = SourceCounts()
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT s.format, s.channels, s.orientation, count(*) FROM kept AS s
          WHERE s.dataset = (SELECT id FROM dataset WHERE name = ?) AND s.format IS NOT NULL
          GROUP BY 1, 2, 3
          """, arguments: [dataset])
      while let row = try rows.next() {
        let samples: Int = row[3]
        counts.formats[row[0], default: 0] += samples
        counts.channels[row[1], default: 0] += samples
        counts.orientations[row[2], default: 0] += samples
      }
      return counts
    }
  }

  /// Calls `body` for the quality of each of a dataset's samples, by id; samples of earlier versions
  /// are left out.
  public func forEachQuality(
    dataset: String, _ body: (SampleQuality) -> Void
  ) throws(CatalogError) {
    guard hasFacts else { return }
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT s.id, s.brightness, s.contrast, s.sharpness FROM kept AS s
          WHERE s.dataset = (SELECT id FROM dataset WHERE name = ?) AND s.brightness IS NOT NULL
          ORDER BY s.id
          """, arguments: [dataset])
      while let row = try rows.next() {
        body(
          SampleQuality(id: row[0], brightness: row[1], contrast: row[2], sharpness: row[3]))
      }
    }
  }

  /// Returns the widths of the faces that a detector chose in a dataset's samples, in pixels of the
  /// original, ascending.
  public func faceWidths(dataset: String) throws(CatalogError) -> [Int] {
    try read { database in
      try Int.fetchAll(
        database,
        sql: """
          SELECT c.face_width FROM crop AS c JOIN kept AS s ON s.id = c.sample
          WHERE s.dataset = (SELECT id FROM dataset WHERE name = ?) AND c.face_width IS NOT NULL
          ORDER BY c.face_width
          """, arguments: [dataset])
    }
  }

  /// Returns the thumbnails of rejected files by dataset and path, at most `limit`.
  public func rejectionThumbnails(
    limit: Int
  ) throws(CatalogError) -> [(dataset: String, path: String, jpeg: [UInt8])] {
    guard hasFacts else { return [] }
    return try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT d.name, r.path, r.thumbnail FROM rejection AS r
          JOIN dataset AS d ON d.id = r.dataset
          WHERE r.thumbnail IS NOT NULL ORDER BY d.name, r.path LIMIT ?
          """, arguments: [limit]
      ).map { ($0[0], $0[1], [UInt8]($0[2] as Data)) }
    }
  }

  /// Returns the ids of samples by dataset and path, without those that are not there.
  public func ids(
    of images: some Sequence<(dataset: String, path: String)>
  ) throws(CatalogError) -> [Int] {
    try read { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT id FROM sample WHERE path = ? AND replaced = 0
            AND dataset = (SELECT id FROM dataset WHERE name = ?)
          """)
      return try images.compactMap {
        try Int.fetchOne(statement, arguments: [$0.path, $0.dataset])
      }
    }
  }

  /// Returns the id of the sample with this path in any dataset; `nil` if there is none or several.
  public func id(ofPath path: String) throws(CatalogError) -> Int? {
    try read { database in
      let ids = try Int.fetchAll(
        database,
        sql: """
          SELECT s.id FROM dataset AS d CROSS JOIN sample AS s
          ON s.dataset = d.id AND s.path = ? AND s.replaced = 0
          """, arguments: [path])
      return ids.count == 1 ? ids[0] : nil
    }
  }
}

import Foundation
import GRDB
import TestSupport
import Testing

@testable import Catalog

/// A store of the version before facts, corrections and forgotten people.
@Suite("An older store")
struct FactsMigrationTests {
  private let scratch: TemporaryFolder
  private let hash = String(repeating: "a", count: 64)

  init() throws {
    scratch = try TemporaryFolder()
    let queue = try DatabaseQueue(path: scratch.file("catalog.sqlite"))
    try Catalog.migrator.migrate(queue, upTo: "format 2")
    try queue.write { database in
      try database.execute(
        sql: """
          INSERT INTO store VALUES ('ingest', '{}');
          INSERT INTO dataset VALUES (1, 'd', '/d', NULL);
          INSERT INTO identity VALUES (1, 1, 'p');
          INSERT INTO shard VALUES (0, 1, '00000.safetensors', '\(hash)', 9, 1, 1, 0);
          INSERT INTO shard_hash VALUES (0, x'0000000000000000', NULL);
          INSERT INTO sample VALUES (0, 1, 1, NULL, NULL, 'a.jpg', '\(hash)', 5, 6, 7, 8, 0, 0,
            '\(hash)', 9, NULL, 0);
          INSERT INTO rejection VALUES (1, 'b.jpg', 'empty', '', NULL, NULL, NULL, 0);
          """)
    }
    try queue.close()
  }

  private var folder: StoreFolder { StoreFolder(path: scratch.path) }

  @Test("is read as it is, also from media that cannot be written")
  func reading() throws {
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.catalog))
    let catalog = try Catalog.open(folder)
    let samples = try catalog.samples(ofShard: 0)
    #expect(samples.map(\.path) == ["a.jpg"] && samples[0].facts == nil)
    #expect(try catalog.rejections(ofShard: 0).map(\.thumbnail) == [nil])
    #expect(try catalog.counts().samples == 1)
    #expect(try catalog.corrections().isEmpty && catalog.tombstones().isEmpty)
    #expect(try catalog.sourceCounts(dataset: "d") == SourceCounts())
    var qualities = 0
    try catalog.forEachQuality(dataset: "d") { _ in qualities += 1 }
    #expect(try qualities == 0 && catalog.rejectionThumbnails(limit: 9).isEmpty)
    #expect(try catalog.unwipedShards().isEmpty)
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.catalog)) == before)
  }

  @Test("gets the columns from the first writer, and keeps its digest and its rows")
  func writing() throws {
    let digest = try Catalog.open(folder).digest()
    let catalog = try Catalog.openOrCreate(folder)
    #expect(try catalog.digest() == digest)
    let facts = ImageFacts(
      format: "png", channels: 4, orientation: 6, brightness: 1.5, contrast: 2.5, sharpness: 3.5)
    try catalog.add(
      ShardRecord(number: 1, dataset: "d", sha256: hash, byteCount: 9, samples: 1, rejections: 1),
      samples: [
        Sample(
          dataset: "d", identity: "q", pose: nil, number: nil, path: "c.jpg", sha256: hash,
          file: FileStamp(bytes: 1, modified: 2), width: 3, height: 4, shard: 1, row: 0,
          pixelsSHA256: hash, perceptualHash: 5, facts: facts)
      ],
      rejections: [
        Rejection(dataset: "d", path: "e.jpg", reason: .noFace, detail: "", thumbnail: [1, 2, 3])
      ])
    catalog.finishWriting()
    let reader = try Catalog.open(folder)
    #expect(try reader.samples(ofShard: 0)[0].facts == nil)
    #expect(try reader.samples(ofShard: 1)[0].facts == facts)
    #expect(try reader.rejections(ofShard: 1)[0].thumbnail == [1, 2, 3])
    #expect(try reader.rejectionThumbnails(limit: 9).map(\.jpeg) == [[1, 2, 3]])
    #expect(try reader.sourceCounts(dataset: "d").orientations == [6: 1])
    // What is measured follows from what is hashed.
    try catalog.write { try $0.execute(sql: "UPDATE sample SET brightness = 9") }
    #expect(try catalog.digest() == reader.digest())
  }
}

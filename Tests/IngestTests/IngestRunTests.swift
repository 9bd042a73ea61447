import Catalog
import Foundation
import GRDB
import Shards
import TestSupport
import Testing

@testable import Ingest

@Suite("An ingest")
struct IngestRunTests {
  private let photographs: TemporaryFolder
  private let manifests: [DatasetManifest]
  private let configuration = IngestConfiguration(
    width: 2, height: 2, color: .gray, resample: .decimate)

  init() throws {
    photographs = try TemporaryFolder()
    manifests = try DatasetManifest.all(in: "\(Surroundings.root)/manifests/datasets")
  }

  /// A picture of 2 x 2 pixels that tells its number.
  private func add(person: Int, number: Int) throws {
    let value = UInt8((person * 16 + number) % 256)
    try photographs.write(
      Array("P5\n2 2\n255\n".utf8) + [value, UInt8(person % 256), UInt8(number), 0],
      to: "s\(person)/\(number).pgm")
  }

  private func run(_ store: TemporaryFolder, jobs: Int = 2) async throws -> IngestSummary {
    let scan = try SourceScan(root: photographs.path, dataset: nil, manifests: manifests)
    return try await IngestRun(
      scan: scan, configuration: configuration, jobs: jobs, isStrict: false
    ) { _, _ in }.run(into: StoreFolder(path: store.path))
  }

  /// Takes a shard's rows out of the catalog, as if its transaction had never been.
  private func forgetShard(_ number: Int, of store: TemporaryFolder) throws {
    let queue = try DatabaseQueue(path: store.file("catalog.sqlite"))
    try queue.write { database in
      for table in ["sample", "rejection"] {
        try database.execute(sql: "DELETE FROM \(table) WHERE shard = ?", arguments: [number])
      }
      try database.execute(sql: "DELETE FROM shard WHERE number = ?", arguments: [number])
    }
  }

  private func digest(_ store: TemporaryFolder) throws -> String {
    try Catalog.open(StoreFolder(path: store.path)).digest()
  }

  @Test("stores each picture in the row its catalog names")
  func rows() async throws {
    for person in 1...3 { for number in 1...4 { try add(person: person, number: number) } }
    let store = try TemporaryFolder()
    let summary = try await run(store)
    #expect(summary.samples == 12)
    let reader = try ShardReader(path: store.file("shards/00000.safetensors"))
    try Catalog.open(StoreFolder(path: store.path)).forEachSample { sample in
      let pixels = try? reader.withSample(sample.row) { Array($0) }
      #expect(pixels?[1] == UInt8(sample.identity.dropFirst()))
      #expect(pixels?[2] == sample.number.map { UInt8($0) })
    }
  }

  @Test("rejects a bad file, keeps the others, and leaves no hole in the tensor")
  func rejections() async throws {
    for number in 1...3 { try add(person: 1, number: number) }
    try photographs.write(Array("no picture".utf8), to: "s1/2.pgm")
    let store = try TemporaryFolder()
    let summary = try await run(store)
    #expect(summary.samples == 2)
    #expect(summary.rejections.map(\.path) == ["s1/2.pgm"])
    #expect(try ShardReader(path: store.file("shards/00000.safetensors")).count == 2)
  }

  @Test("in pieces, with any number of workers, ends in the same store")
  func resumes() async throws {
    // Three shards' worth of files.
    for person in 1...50 { for number in 1...100 { try add(person: person, number: number) } }
    let whole = try TemporaryFolder()
    _ = try await run(whole, jobs: 1)
    #expect(whole.contents(of: "shards").count == 3)

    // What an interruption may leave: the middle shard without its row, and an unfinished file.
    let broken = try TemporaryFolder()
    _ = try await run(broken, jobs: 4)
    #expect(try digest(broken) == digest(whole))
    try forgetShard(1, of: broken)
    try broken.write([1, 2, 3], to: "shards/.tmp-1-00001.safetensors")
    let summary = try await run(broken)
    #expect(summary.samples == 2_048)
    #expect(try digest(broken) == digest(whole))
    #expect(broken.contents(of: "shards") == whole.contents(of: "shards"))
    for name in whole.contents(of: "shards") {
      #expect(
        FileManager.default.contentsEqual(
          atPath: whole.file("shards/\(name)"), andPath: broken.file("shards/\(name)")))
    }
  }

  @Test("adds what is new and skips what is stored")
  func appends() async throws {
    try add(person: 1, number: 1)
    let store = try TemporaryFolder()
    _ = try await run(store)
    let before = try Data(contentsOf: URL(fileURLWithPath: store.file("shards/00000.safetensors")))
    try add(person: 1, number: 2)
    let summary = try await run(store)
    #expect(summary.samples == 1 && summary.skipped == 1)
    #expect(store.contents(of: "shards") == ["00000.safetensors", "00001.safetensors"])
    let after = try Data(contentsOf: URL(fileURLWithPath: store.file("shards/00000.safetensors")))
    #expect(before == after)
  }
}

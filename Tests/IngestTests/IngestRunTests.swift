import Catalog
import Foundation
import GRDB
import Randomness
import Shards
import TestSupport
import Testing

@testable import Datasets
@testable import Imaging
@testable import Ingest
@testable import Maintenance

@Suite("An ingest")
struct IngestRunTests {
  private let photographs: TemporaryFolder
  private let manifests: [DatasetManifest]
  private let configuration = SampleConfiguration(
    width: 8, height: 8, color: .gray, resample: .decimate)

  init() throws {
    photographs = try TemporaryFolder()
    manifests = try DatasetManifest.all(in: "\(Surroundings.root)/manifests/datasets")
  }

  /// A picture of 8 x 8 pixels that tells its number.
  private func add(person: Int, number: Int) throws {
    let value = UInt8((person * 16 + number) % 256)
    // So that no two look alike.
    var noise = RandomStream(seed: person, "noise", number)
    try photographs.write(
      Array("P5\n8 8\n255\n".utf8) + [value, UInt8(person % 256), UInt8(number), 0]
        + (0..<60).map { _ in UInt8(truncatingIfNeeded: noise.next()) },
      to: "s\(person)/\(number).pgm")
  }

  private func run(
    _ store: TemporaryFolder, jobs: Int = 2, _ change: (inout IngestOptions) -> Void = { _ in }
  ) async throws -> IngestSummary {
    let scan = try SourceScan(root: photographs.path, dataset: nil, manifests: manifests)
    var options = IngestOptions()
    options.jobs = jobs
    change(&options)
    return try await IngestRun(scans: [scan], configuration: configuration, options: options) {
      _, _ in
    }.run(into: StoreFolder(path: store.path))
  }

  /// Takes a shard's rows out of the catalog, as if its transaction had never been.
  private func forgetShard(_ number: Int, of store: TemporaryFolder) throws {
    let queue = try DatabaseQueue(path: store.file("catalog.sqlite"))
    try queue.write { database in
      for table in ["near_duplicate", "same_picture"] {
        try database.execute(sql: "DELETE FROM \(table)")
      }
      for table in ["sample", "rejection", "shard_hash"] {
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
    #expect(summary.rejections == 1)
    let catalog = try Catalog.open(StoreFolder(path: store.path))
    #expect(try catalog.rejections(ofShard: 0).map(\.path) == ["s1/2.pgm"])
    #expect(try ShardReader(path: store.file("shards/00000.safetensors")).count == 2)
  }

  @Test("in pieces, with any number of workers, ends in the same store")
  func resumes() async throws {
    // Three shards' worth of files.
    for person in 1...25 { for number in 1...100 { try add(person: person, number: number) } }
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
    #expect(summary.samples == 1_024)
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

  @Test("tries rejected files again when asked, and only then")
  func retries() async throws {
    try add(person: 1, number: 1)
    try photographs.write(Array("no picture".utf8), to: "s1/2.pgm")
    let store = try TemporaryFolder()
    #expect(try await run(store).rejections == 1)
    try add(person: 1, number: 2)
    #expect(try await run(store).samples == 0)
    let summary = try await run(store) { $0.retriesRejected = true }
    #expect(summary.samples == 1 && summary.rejections == 0)
    #expect(try Catalog.open(StoreFolder(path: store.path)).counts().rejections == 0)
    #expect(try await verified(store).isEmpty)
  }

  private func verified(_ store: TemporaryFolder) async throws -> [StoreProblem] {
    try await StoreVerification(StoreFolder(path: store.path), jobs: 2) { _, _ in }.run().problems
  }

  @Test("in shares, merged in any order, is the store made in one go")
  func merges() async throws {
    for person in 1...50 { for number in 1...70 { try add(person: person, number: number) } }
    try photographs.write(Array("no picture".utf8), to: "s7/71.pgm")
    let whole = try TemporaryFolder()
    _ = try await run(whole)
    var parts: [TemporaryFolder] = []
    for index in 0..<3 {
      let part = try TemporaryFolder()
      let task = try #require(IngestTask(index: index, count: 3))
      _ = try await run(part) { $0.task = task }
      // A share that is run again has nothing to do.
      #expect(try await run(part) { $0.task = task }.samples == 0)
      parts.append(part)
    }
    let folders = parts.map { StoreFolder(path: $0.path) }
    let merged = try TemporaryFolder()
    func merge(_ parts: [StoreFolder]) throws -> MergeSummary {
      try StoreMerge(parts, dropsDuplicates: false) { _, _ in }.run(
        into: StoreFolder(path: merged.path))
    }
    #expect(throws: MaintenanceError.self) { try merge([folders[0], folders[2]]) }
    #expect(throws: MaintenanceError.self) { try merge([folders[0], folders[0], folders[1]]) }
    #expect(throws: MaintenanceError.self) { try merge([StoreFolder(path: whole.path)]) }
    #expect(merged.contents().isEmpty)
    #expect(try merge([folders[2], folders[0], folders[1]]).shards == 4)
    #expect(try digest(merged) == digest(whole))
    #expect(try await verified(merged).isEmpty)
    #expect(try merge(folders).shards == 0)
    // What was merged is whole: running ingest over the photographs finds nothing new.
    #expect(try await run(merged).samples == 0)
    // A share of another listing is not one of these.
    try add(person: 51, number: 1)
    let other = try #require(IngestTask(index: 0, count: 3))
    await #expect(throws: IngestError.self) { try await run(parts[0]) { $0.task = other } }
  }

  @Test("takes the first images only when there is a limit")
  func limits() async throws {
    for number in 1...5 { try add(person: 1, number: number) }
    let store = try TemporaryFolder()
    #expect(try await run(store) { $0.limit = 3 }.samples == 3)
    #expect(try await run(store) { $0.limit = 4 }.samples == 1)
    #expect(try await run(store).samples == 1)
  }

  @Test("finds files and pixels that are the same, and drops the later ones only when asked")
  func duplicates() async throws {
    for number in 1...3 { try add(person: 1, number: number) }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: photographs.file("s1/1.pgm")))
    try photographs.write(bytes, to: "s2/1.pgm")
    // Another file, the same picture.
    let header = Array("P5\n8 8\n255\n".utf8)
    try photographs.write(
      Array("P5 # again\n8 8\n255\n".utf8) + bytes.dropFirst(header.count), to: "s1/4.pgm")
    let store = try TemporaryFolder()
    #expect(try await run(store).dropped == 0)
    let catalog = try Catalog.open(StoreFolder(path: store.path))
    var found: [String] = []
    for pair in try catalog.duplicatePairs() {
      found.append("\(pair.kind) \(pair.earlier.path) \(pair.later.path) \(pair.sameIdentity)")
    }
    #expect(found == ["file s1/1.pgm s2/1.pgm false", "pixels s1/1.pgm s1/4.pgm true"])
    #expect(try await run(store) { $0.dropsDuplicates = true }.dropped == 2)
    #expect(try catalog.counts().samples == 3)
    #expect(try catalog.rejectionCounts() == [.duplicate: 2])
    #expect(try catalog.duplicateCounts().isEmpty)
    // What was dropped is known: it does not come back.
    #expect(try await run(store).samples == 0)
    #expect(try await verified(store).isEmpty)
  }

  @Test("takes several folders of one dataset, each path its own, and refuses one inside another")
  func severalRoots() async throws {
    let scratch = try TemporaryFolder()
    for (value, name) in ["one/ann/1.pgm", "two/ann/1.pgm", "two/bob/1.pgm"].enumerated() {
      let pixels = [UInt8](repeating: UInt8(value), count: 64)
      try scratch.write(Array("P5\n8 8\n255\n".utf8) + pixels, to: name)
    }
    let folder = StoreFolder(path: scratch.file("out"))
    func ingest(_ roots: [String]) async throws -> IngestSummary {
      let scans = try roots.map {
        try SourceScan(root: scratch.file($0), dataset: nil, manifests: manifests)
      }
      return try await IngestRun(
        scans: scans, configuration: configuration, options: IngestOptions()
      ) { _, _ in }.run(into: folder)
    }
    #expect(try await ingest(["one", "two", "one"]).samples == 3)
    var paths: [String] = []
    try Catalog.open(folder).forEachSample { paths.append("\($0.identity) \($0.path)") }
    #expect(paths == ["ann ../two/ann/1.pgm", "ann ann/1.pgm", "bob ../two/bob/1.pgm"])
    #expect(try await ingest(["two"]).skipped == 2)
    try scratch.write(NoisePicture.pgm(9, side: 8), to: "one/deep/cem/1.pgm")
    await #expect(throws: IngestError.self) { try await ingest(["one/deep"]) }
  }

  @Test("a verification finds every byte that changed, and every file that is missing")
  func verifies() async throws {
    for number in 1...9 { try add(person: 1, number: number) }
    let store = try TemporaryFolder()
    _ = try await run(store)
    #expect(try await verified(store).isEmpty)
    let shard = store.file("shards/00000.safetensors")
    let sound = try Data(contentsOf: URL(fileURLWithPath: shard))
    var changed = sound
    changed[changed.count - 64 * 3 + 5] ^= 1
    try changed.write(to: URL(fileURLWithPath: shard))
    let problems = try await verified(store)
    #expect(problems.count == 2)
    #expect(problems.contains { $0.row == 6 } && problems.contains { $0.row == nil })
    try sound.dropLast().write(to: URL(fileURLWithPath: shard))
    #expect(try await verified(store).count == 1)
    try FileManager.default.removeItem(atPath: shard)
    #expect(try await verified(store).count == 1)
    try sound.write(to: URL(fileURLWithPath: shard))
    try store.write(sound, to: "shards/00001.safetensors")
    // A shard without a row is what a run leaves that was killed: no harm is done.
    #expect(try await verified(store).isEmpty)
    #expect(
      try await StoreVerification(StoreFolder(path: store.path), jobs: 1) { _, _ in }.run()
        .leftovers == [store.file("shards/00001.safetensors")])
    try FileManager.default.removeItem(atPath: store.file("shards/00001.safetensors"))
    let catalog = try DatabaseQueue(path: store.file("catalog.sqlite"))
    for sql in [
      "UPDATE sample SET pixels_sha256 = '\(String(repeating: "a", count: 64))' WHERE row = 3",
      "UPDATE shard_hash SET hashes = zeroblob(72)",
    ] {
      try await catalog.write { try $0.execute(sql: sql) }
      #expect(try await !verified(store).isEmpty)
    }
    try await catalog.write { try $0.execute(sql: "DELETE FROM sample WHERE row = 5") }
    #expect(try await verified(store).contains { $0.problem.contains("9 samples, but 8 rows") })
  }
}

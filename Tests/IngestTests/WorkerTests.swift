import Catalog
import Foundation
import IngestTestSupport
import Randomness
import Synchronization
import TestSupport
import Testing

@testable import Imaging
@testable import Ingest
@testable import Maintenance

/// What must not depend on how many workers there are, and merges that are refused.
@Suite("The number of workers")
struct WorkerTests {
  private let fixture: IngestFixture

  init() throws {
    fixture = try IngestFixture()
  }

  @Test("changes no word of what is said of bad files")
  func badFiles() async throws {
    var random = RandomStream(seed: 0, "bad files")
    let png = Array(
      try #require(
        Data(
          base64Encoded:
            "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAEElEQVR4nGNgGAWjYBQAAwADEAABl6Lk6wAAAABJRU5ErkJggg=="
        )))
    for number in 0..<1_200 {
      var bytes: [UInt8]
      switch number % 6 {
      case 0: bytes = Array("P5\n16 16\n255\n".utf8) + [1, 2, 3]
      case 1: bytes = Array(png.prefix(40 + number % 20))
      case 2:
        bytes = png
        bytes[41 + number % 10] ^= UInt8(1 + number % 200)
      case 3:
        bytes =
          [0xFF, 0xD8, 0xFF, 0xE0] + (0..<80).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      case 4:
        bytes =
          Array("GIF89a".utf8) + (0..<40).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      default: bytes = (0..<60).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      }
      try fixture.scratch.write(bytes, to: "faces/p\(number / 100)/\(number).png")
    }
    for number in 0..<40 { try fixture.add(number, to: "faces/good/\(number).pgm") }
    try await fixture.ingest(into: "one") { $0.jobs = 1 }
    try await fixture.ingest(into: "three") { $0.jobs = 3 }
    func details(_ store: String) throws -> [String] {
      var details: [String] = []
      try fixture.catalog(store).forEachRejection {
        details.append("\($0.path) \($0.reason.rawValue) \($0.detail)")
        return true
      }
      return details
    }
    let one = try details("one")
    #expect(one.count > 900 && one.contains { !$0.hasSuffix(" ") })
    #expect(try details("three") == one)
    #expect(try fixture.catalog("three").digest() == fixture.catalog("one").digest())
  }

  @Test("of parts: a merge that is refused has changed nothing of its target")
  func refusedMerge() async throws {
    for number in 0..<30 { try fixture.add(number, to: "faces/p/\(number).pgm") }
    for number in 0..<30 { try fixture.add(100 + number, to: "other/q/\(number).pgm") }
    try await fixture.ingest("other", into: "target")
    let task = try #require(IngestTask(index: 0, count: 1))
    try await fixture.ingest("faces", into: "part") { $0.task = task }
    let target = try fixture.catalog("target")
    let (roots, digest) = (try target.roots(), try target.digest())
    let merge = StoreMerge(
      [StoreFolder(path: fixture.scratch.file("part"))], dropsDuplicates: false,
      progress: { _, _ in })
    #expect(throws: MaintenanceError.self) {
      try merge.run(into: StoreFolder(path: fixture.scratch.file("target")))
    }
    #expect(try target.roots() == roots && target.digest() == digest)
  }

  @Test("of files left behind: those of a killed run are no problem of a store")
  func leftovers() async throws {
    for number in 0..<3 { try fixture.add(number, to: "faces/p/\(number).pgm") }
    try await fixture.ingest()
    try fixture.scratch.write([1], to: "out/shards/.tmp-12345-00001.safetensors")
    try fixture.scratch.write([1], to: "out/shards/00001.safetensors")
    let summary = try await fixture.verified()
    #expect(summary.problems.isEmpty && summary.leftovers.count == 2)
  }

  @Test("of bytes: a shard that cannot be read is a problem, not the end of the process")
  func failingShard() async throws {
    for number in 0..<3 { try fixture.add(number, to: "faces/p/\(number).pgm") }
    try await fixture.ingest()
    let shard = fixture.scratch.file("out/shards/00000.safetensors")
    // A folder in its place opens and cannot be read.
    try FileManager.default.removeItem(atPath: shard)
    try FileManager.default.createDirectory(atPath: shard, withIntermediateDirectories: true)
    #expect(try await fixture.verified().problems.count == 1)
  }

  @Test("of parts: those of different settings are not merged")
  func differentSettings() async throws {
    for number in 0..<1_030 { try fixture.add(number, to: "faces/p\(number / 50)/\(number).pgm") }
    var other = fixture
    other.configuration = SampleConfiguration(
      width: 20, height: 16, color: .gray, resample: .lanczos)
    let tasks = try (0..<2).map { try #require(IngestTask(index: $0, count: 2)) }
    try await fixture.ingest(into: "part0") { $0.task = tasks[0] }
    try await other.ingest(into: "part1") { $0.task = tasks[1] }
    let parts = ["part0", "part1"].map { StoreFolder(path: fixture.scratch.file($0)) }
    let merge = StoreMerge(parts, dropsDuplicates: false, progress: { _, _ in })
    #expect(
      await fixture.failure {
        _ = try merge.run(into: StoreFolder(path: fixture.scratch.file("merged")))
      } == "badTaskStore")
    #expect(!FileManager.default.fileExists(atPath: fixture.scratch.file("merged/catalog.sqlite")))
  }

  @Test("does not raise the pixels that are in memory at once")
  func pixelBudget() {
    final class Inside: Sendable {
      let counts = Mutex((now: 0, most: 0))
    }
    let (budget, inside) = (PixelBudget(limit: 100), Inside())
    let all = DispatchGroup()
    // One that is larger than all there is runs alone. Each has a queue, and so a thread, of its own.
    for (place, size) in [60, 60, 250, 60, 60, 60, 250, 60].enumerated() {
      DispatchQueue(label: "pixels \(place)").async(group: all) {
        budget.withPixels(size) {
          inside.counts.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
          }
          usleep(20_000)
          inside.counts.withLock { $0.now -= 1 }
        }
      }
    }
    all.wait()
    #expect(inside.counts.withLock { $0.most } == 1)
  }
}

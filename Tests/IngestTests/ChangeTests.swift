import Catalog
import Foundation
import IngestTestSupport
import TestSupport
import Testing

@testable import Datasets
@testable import Ingest

/// Files that change or go between two ingests.
@Suite("A second ingest")
struct ChangeTests {
  private let fixture: IngestFixture

  init() throws {
    fixture = try IngestFixture()
    for number in 0..<6 { try fixture.add(number, to: "faces/p\(number / 2)/\(number).pgm") }
    try fixture.scratch.write(Array("no picture".utf8), to: "faces/p0/bad.pgm")
  }

  private func setTime(_ path: String, _ seconds: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: seconds)],
      ofItemAtPath: fixture.scratch.file(path))
  }

  @Test("finds nothing changed and nothing missing when nothing is")
  func nothing() async throws {
    try await fixture.ingest()
    let summary = try await fixture.ingest()
    #expect(summary.skipped == 7 && summary.changed.count == 0 && summary.missing.count == 0)
  }

  @Test("counts what has other bytes, also of the same length, and what is gone")
  func counts() async throws {
    try await fixture.ingest()
    // The same length; only the bytes tell, once the time says that they might.
    try fixture.add(90, to: "faces/p0/0.pgm")
    try setTime("faces/p0/0.pgm", 1_000_000)
    try fixture.add(91, to: "faces/p1/2.pgm", side: 17)
    try fixture.add(92, to: "faces/p0/bad.pgm")
    try FileManager.default.removeItem(atPath: fixture.scratch.file("faces/p2"))
    let before = try fixture.catalog().digest()
    let summary = try await fixture.ingest()
    #expect(summary.changed.names == ["p0/0.pgm", "p0/bad.pgm", "p1/2.pgm"])
    #expect(summary.missing.count == 2 && summary.missing.names == ["p2/4.pgm", "p2/5.pgm"])
    #expect(summary.samples == 0)
    // What was stored stays.
    #expect(try fixture.catalog().digest() == before)
  }

  @Test("knows a file again whose time alone is another, and does not read it a third time")
  func touched() async throws {
    try await fixture.ingest()
    try setTime("faces/p0/0.pgm", 1_000_000)
    #expect(try await fixture.ingest().changed.count == 0)
    let known = try fixture.catalog().known(["p0/0.pgm"], dataset: "folder")
    #expect(known[UTF8Key("p0/0.pgm")]?.stamp?.modified == 1_000_000 * 1_000_000_000)
  }

  @Test("takes changed files anew when it is told to, and says which protocols name the old ones")
  func refreshes() async throws {
    try await fixture.ingest()
    let store = fixture.store
    let writer = try Catalog.openOrCreate(store)
    try writer.add(
      ProtocolRecord(
        name: "old", kind: "sample", specification: "{}", members: [Part(role: .test): [0, 1]],
        pairs: [Part(role: .test): [Pair(left: 0, right: 1, genuine: true)]]))
    writer.finishWriting()
    try fixture.add(90, to: "faces/p0/0.pgm", side: 20)
    try fixture.add(92, to: "faces/p0/bad.pgm")
    let summary = try await fixture.ingest { $0.refreshes = true }
    #expect(summary.samples == 2 && summary.changed.count == 2 && summary.rejections == 0)
    #expect(summary.outdatedProtocols == ["old"])
    let catalog = try fixture.catalog()
    #expect(
      try fixture.paths() == ["p0/0.pgm", "p0/1.pgm", "p0/bad.pgm"] + [
        "p1/2.pgm", "p1/3.pgm", "p2/4.pgm", "p2/5.pgm",
      ])
    let counts = try catalog.counts()
    #expect(counts.samples == 7 && counts.identities == 3 && counts.shards == 2)
    #expect(counts.rejections == 0)
    var size = 0
    try catalog.forEachSample { if $0.path == "p0/0.pgm" { size = $0.width } }
    #expect(size == 20)
    // The protocol still has the picture it was made of.
    #expect(try catalog.pairs(of: "old", Part(role: .test)).map(\.left) == [0])
    #expect(try await fixture.verified().problems.isEmpty)
    #expect(try await fixture.ingest().changed.count == 0)
  }

  @Test("takes a changed file that is now bad out of the samples")
  func refreshesToRejection() async throws {
    try await fixture.ingest()
    try fixture.scratch.write(Array("cut".utf8), to: "faces/p2/4.pgm")
    let summary = try await fixture.ingest { $0.refreshes = true }
    #expect(summary.rejections == 1)
    #expect(try !fixture.paths().contains("p2/4.pgm"))
    #expect(try fixture.catalog().counts().rejections == 2)
  }

  @Test("finds copies among the pictures that were taken anew")
  func refreshesDuplicates() async throws {
    try await fixture.ingest()
    try fixture.add(1, to: "faces/p2/4.pgm")
    try setTime("faces/p2/4.pgm", 1_000_000)
    try await fixture.ingest { $0.refreshes = true }
    #expect(
      try fixture.catalog().duplicatePairs().map { "\($0.earlier.path) \($0.later.path)" }
        == ["p0/1.pgm p2/4.pgm"])
  }

  @Test("looks for missing files under names that are no UTF-8 too")
  func oddNames() async throws {
    let raw =
      Array(fixture.scratch.file("faces/p0/").utf8).map { CChar(bitPattern: $0) }
      + [-1, -2, 0x2E, 0x70, 0x67, 0x6D, 0]
    let bytes = NoisePicture.pgm(99)
    let descriptor = open(raw, O_CREAT | O_WRONLY, 0o644)
    #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    try await fixture.ingest()
    try FileManager.default.removeItem(atPath: fixture.scratch.file("faces/p1/2.pgm"))
    #expect(try await fixture.ingest().missing.names == ["p1/2.pgm"])
    unlink(raw)
    #expect(try await fixture.ingest().missing.names == ["p0/%FF%FE.pgm", "p1/2.pgm"])
  }

  @Test("with one pose alone misses only pictures of that pose")
  func poses() async throws {
    let scratch = fixture.scratch
    for pose in ["frontal", "profile"] {
      for number in 1...2 {
        try fixture.add(number, to: "cfp/001/\(pose)/0\(number).jpg")
        try fixture.add(number + 5, to: "cfp/002/\(pose)/0\(number).jpg")
      }
    }
    func ingest(_ pose: String?) async throws -> IngestSummary {
      let scan = try SourceScan(
        root: scratch.file("cfp"), dataset: nil, manifests: fixture.manifests, pose: pose)
      return try await IngestRun(
        scans: [scan], configuration: fixture.configuration, options: IngestOptions(),
        progress: { _, _ in }
      ).run(into: fixture.store)
    }
    _ = try await ingest(nil)
    try FileManager.default.removeItem(atPath: scratch.file("cfp/001/profile/01.jpg"))
    #expect(try await ingest("frontal").missing.count == 0)
    #expect(try await ingest("profile").missing.names == ["001/profile/01.jpg"])
    #expect(try await ingest(nil).missing.count == 1)
  }

  @Test("tells a name in NFC from the same name in NFD: two files and two people")
  func unicode() async throws {
    let (composed, decomposed) = ("Zo\u{EB}", "Zoe\u{308}")
    #expect(composed == decomposed)
    try fixture.add(70, to: "faces/\(composed)/1.pgm")
    try await fixture.ingest()
    try fixture.add(71, to: "faces/\(decomposed)/1.pgm")
    let summary = try await fixture.ingest()
    #expect(summary.samples == 1)
    #expect(try fixture.catalog().counts().identities == 5)
    #expect(try await fixture.ingest().skipped == 9)
  }

  @Test("brings a dropped copy back when the picture it was a copy of is replaced")
  func droppedCopies() async throws {
    // q/1 is the same file as p0/0, and is dropped.
    try fixture.add(0, to: "faces/q/1.pgm")
    #expect(try await fixture.ingest { $0.dropsDuplicates = true }.dropped == 1)
    try fixture.add(90, to: "faces/p0/0.pgm", side: 20)
    try await fixture.ingest { $0.refreshes = true }
    #expect(try fixture.paths().contains("q/1.pgm"))
    #expect(try fixture.catalog().rejectionCounts()[.duplicate] == nil)
    // A copy of the old picture is a copy of the one that came back, not of the replaced sample.
    try fixture.add(0, to: "faces/r/1.pgm")
    try await fixture.ingest { $0.dropsDuplicates = true }
    #expect(try fixture.paths().contains("q/1.pgm"))
    #expect(try !fixture.paths().contains("r/1.pgm"))
  }

  @Test("searches for duplicates anew after a refresh, even when that ended before its search")
  func interruptedRefresh() async throws {
    try fixture.add(0, to: "faces/q/1.pgm")
    try await fixture.ingest()
    // What a refresh that is killed before its search leaves: the shard with the new picture.
    try fixture.add(90, to: "faces/p0/0.pgm", side: 20)
    let catalog = try Catalog.openOrCreate(fixture.store)
    let hash = String(repeating: "a", count: 64)
    try catalog.add(
      ShardRecord(
        number: 1, dataset: "folder", sha256: hash, byteCount: 1, samples: 1, rejections: 0),
      samples: [
        Sample(
          dataset: "folder", identity: "p0", pose: nil, number: nil, path: "p0/0.pgm", sha256: hash,
          file: FileStamp(bytes: 1, modified: 1), width: 16, height: 16, shard: 1, row: 0,
          pixelsSHA256: hash, perceptualHash: 0)
      ], rejections: [], isRefresh: true)
    #expect(try catalog.duplicateSearchState().unsearchedShards == 2)
    catalog.finishWriting()
    try fixture.add(0, to: "faces/r/1.pgm")
    try await fixture.ingest()
    let pairs = try fixture.catalog().duplicatePairs().filter { $0.kind == .file }
    #expect(pairs.map { "\($0.earlier.path) \($0.later.path)" } == ["q/1.pgm r/1.pgm"])
  }

  @Test("knows a rejected file again whose time alone is another")
  func touchedRejection() async throws {
    try await fixture.ingest()
    try setTime("faces/p0/bad.pgm", 1_000_000)
    #expect(try await fixture.ingest().changed.count == 0)
    let known = try fixture.catalog().known(["p0/bad.pgm"], dataset: "folder")
    #expect(known[UTF8Key("p0/bad.pgm")]?.stamp?.modified == 1_000_000 * 1_000_000_000)
  }
}

import Catalog
import Foundation
import GRDB
import IngestTestSupport
import Randomness
import TestSupport
import Testing

@testable import Imaging
@testable import Ingest
@testable import Maintenance

/// Pictures that are the same or nearly, found shard by shard.
@Suite("The search for duplicates")
struct DuplicateSearchTests {
  private let fixture: IngestFixture

  init() throws {
    fixture = try IngestFixture()
  }

  /// A smooth picture that its number decides, made a little brighter by `shift`: a near duplicate of
  /// itself under another shift.
  private func smooth(_ number: Int, shift: Int = 0) -> [UInt8] {
    var random = RandomStream(seed: number, "waves")
    let waves = (0..<6).map { _ in
      (x: random.uniform() * 0.5, y: random.uniform() * 0.5, phase: random.uniform() * 6)
    }
    var pixels: [UInt8] = []
    for y in 0..<32 {
      for x in 0..<32 {
        let sum = waves.reduce(0.0) {
          $0 + sin($1.x * Double(x) + $1.y * Double(y) + $1.phase)
        }
        pixels.append(UInt8(min(255, max(0, 120 + 18 * sum + Double(shift)))))
      }
    }
    return Array("P5\n32 32\n255\n".utf8) + pixels
  }

  private func add(_ number: Int, shift: Int = 0, to name: String) throws {
    try fixture.scratch.write(smooth(number, shift: shift), to: "faces/\(name).pgm")
  }

  private func found(_ store: String = "out") throws -> [String] {
    try fixture.catalog(store).duplicatePairs().map {
      "\($0.kind) \($0.earlier.path) \($0.later.path)"
    }
  }

  @Test("finds known near duplicates, and no others")
  func knownPairs() async throws {
    for number in 0..<40 { try add(number, to: "p\(number)/a") }
    for number in [3, 17, 31] { try add(number, shift: 6, to: "q\(number)/b") }
    try await fixture.ingest()
    #expect(
      try found() == [3, 17, 31].map { "near p\($0)/a.pgm q\($0)/b.pgm" }.sorted())
    let pairs = try fixture.catalog().duplicatePairs()
    #expect(pairs.allSatisfy { $0.distance <= 6 && $0.correlation >= 0.95 && !$0.sameIdentity })
  }

  @Test("in one go, in pieces, and in pieces with a kill between ends in the same pairs")
  func incremental() async throws {
    let groups = [0..<15, 15..<30, 30..<45].map { $0.map { $0 } }
    func write(_ group: [Int]) throws {
      for number in group {
        try add(number % 20, shift: number / 20 * 5, to: "p\(number)/a")
        // An exact copy of each fifth, and its pixels in another file.
        if number % 5 == 0 {
          try add(number % 20, shift: number / 20 * 5, to: "p\(number)/copy")
          let bytes = smooth(number % 20, shift: number / 20 * 5)
          try fixture.scratch.write(
            Array("P5 # other\n".utf8) + bytes.dropFirst(3), to: "faces/p\(number)/z.pgm")
        }
      }
    }
    for group in groups {
      try write(group)
      try await fixture.ingest(into: "pieces")
    }
    try await fixture.ingest(into: "whole")
    // By path: in another order of the files the later of two may be the earlier one.
    func near(_ store: String) throws -> Set<Set<String>> {
      Set(
        try fixture.catalog(store).duplicatePairs().filter { $0.kind == .near }
          .map { [$0.earlier.path, $0.later.path] })
    }
    #expect(try near("whole").count >= 20)
    #expect(try near("pieces") == near("whole"))
    #expect(
      try fixture.catalog("pieces").counts().duplicates
        == fixture.catalog("whole").counts().duplicates)
  }

  @Test("takes one picture a thousand times over without comparing each with each")
  func sameOverAndOver() async throws {
    for number in 0..<1_200 {
      try fixture.scratch.write(smooth(1), to: "faces/p\(number / 100)/\(number).pgm")
    }
    try await fixture.ingest()
    let counts = try fixture.catalog().counts()
    #expect(counts.duplicates == 1_199 && counts.nearDuplicates == 0)
    #expect(try fixture.catalog().duplicateSearchState().isComplete)
  }

  @Test("names the samples that have more near duplicates than are kept")
  func truncates() async throws {
    // Two hundred pictures that hardly differ.
    for number in 0..<200 {
      var picture = smooth(5)
      picture[picture.count - 1 - number] ^= 3
      try fixture.scratch.write(picture, to: "faces/p\(number)/1.pgm")
    }
    try await fixture.ingest()
    let state = try fixture.catalog().duplicateSearchState()
    #expect(state.truncatedSamples > 0 && !state.isComplete)
  }

  @Test("goes on without a shard that is missing, says so, and compares the pairs when it is back")
  func missingShard() async throws {
    for number in 0..<10 { try add(number, to: "p\(number)/a") }
    try await fixture.ingest()
    let shard = fixture.scratch.file("out/shards/00000.safetensors")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: shard))
    try FileManager.default.removeItem(atPath: shard)
    try add(4, shift: 6, to: "q4/b")
    try await fixture.ingest()
    #expect(try found().isEmpty)
    #expect(try fixture.catalog().duplicateSearchState().uncomparedPairs == 1)
    try bytes.write(to: URL(fileURLWithPath: shard))
    try await fixture.ingest()
    #expect(try found() == ["near p4/a.pgm q4/b.pgm"])
    #expect(try fixture.catalog().duplicateSearchState().isComplete)
  }

  @Test("leaves shards unsearched when it is interrupted, and the next run searches them")
  func interrupted() async throws {
    for number in 0..<10 { try add(number, to: "p\(number)/a") }
    try add(4, shift: 6, to: "q4/b")
    let task = try #require(IngestTask(index: 0, count: 1))
    // A share alone is not searched.
    try await fixture.ingest { $0.task = task }
    #expect(try fixture.catalog().duplicateSearchState().unsearchedShards == 1)
    let catalog = try Catalog.openOrCreate(fixture.store)
    let cancelled = Task { () -> Bool in
      withUnsafeCurrentTask { $0?.cancel() }
      do {
        try NearDuplicates.refresh(catalog)
        return false
      } catch { return error is CancellationError }
    }
    #expect(await cancelled.value)
    #expect(try catalog.duplicateSearchState().unsearchedShards == 1)
    try NearDuplicates.refresh(catalog)
    #expect(try found() == ["near p4/a.pgm q4/b.pgm"])
  }

  @Test("begins again when a shard comes below those that were searched")
  func outOfOrder() async throws {
    for number in 0..<10 { try add(number, to: "p\(number)/a") }
    try await fixture.ingest()
    let catalog = try Catalog.openOrCreate(fixture.store)
    let hash = String(repeating: "a", count: 64)
    try catalog.add(
      ShardRecord(
        number: 2, dataset: "folder", sha256: hash, byteCount: 1, samples: 0, rejections: 0),
      samples: [], rejections: [])
    try NearDuplicates.refresh(catalog)
    try catalog.add(
      ShardRecord(
        number: 1, dataset: "folder", sha256: hash, byteCount: 1, samples: 0, rejections: 0),
      samples: [], rejections: [])
    #expect(try catalog.searchIsOutOfOrder())
    try NearDuplicates.refresh(catalog)
    #expect(try catalog.duplicateSearchState().isComplete)
  }

  @Test("drops the later copies and keeps the first")
  func drops() async throws {
    for name in ["a/1", "a/2", "b/1"] { try add(1, to: name) }
    let summary = try await fixture.ingest { $0.dropsDuplicates = true }
    #expect(summary.dropped == 2)
    #expect(try fixture.paths() == ["a/1.pgm"])
    // A copy that comes later is one of the sample that was kept.
    try add(1, to: "c/1")
    try await fixture.ingest()
    #expect(try found() == ["file a/1.pgm c/1.pgm"])
  }

  @Test(
    "finds the five photographs of LFW that lie under two names",
    .enabled(if: Surroundings.hasRealData, "needs real data"))
  func realData() async throws {
    // PROTOCOLS.md, 11: duplicates under two names; the fifth is known from the search over all.
    let people = [
      "Bart_Hendricks", "Ricky_Ray", "Carlos_Beltran", "Raul_Ibanez", "Emmy_Rossum", "Eva_Amurri",
      "Wang_Yingfan", "Yingfan_Wang", "Abel_Pacheco", "AJ_Cook", "Aaron_Eckhart",
    ]
    for person in people {
      let source = "\(Surroundings.lfw)/\(person)"
      guard FileManager.default.fileExists(atPath: source) else { continue }
      try FileManager.default.createDirectory(
        atPath: fixture.scratch.file("faces"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: source, toPath: fixture.scratch.file("faces/\(person)"))
    }
    var lfw = fixture
    lfw.configuration = SampleConfiguration(
      width: 105, height: 105, color: .rgb, resample: .lanczos)
    try await lfw.ingest()
    let across = try fixture.catalog().duplicatePairs().filter { !$0.sameIdentity }
    let names = Set(across.map { Set([$0.earlier.identity, $0.later.identity]) })
    #expect(
      names.isSuperset(of: [
        ["Bart_Hendricks", "Ricky_Ray"], ["Carlos_Beltran", "Raul_Ibanez"],
        ["Emmy_Rossum", "Eva_Amurri"],
      ]))
    #expect(names.allSatisfy { !$0.contains("Abel_Pacheco") && !$0.contains("AJ_Cook") })
  }

  @Test("names for every dropped copy the sample that stays")
  func droppedChain() async throws {
    // b is a's picture in another file, and c is b's file: c's original is a, which stays.
    try add(1, to: "a/1")
    let bytes = Array("P5 # again\n32 32\n255\n".utf8) + smooth(1).dropFirst(13)
    try fixture.scratch.write(bytes, to: "faces/b/1.pgm")
    try fixture.scratch.write(bytes, to: "faces/c/1.pgm")
    #expect(try await fixture.ingest { $0.dropsDuplicates = true }.dropped == 2)
    var originals: [String] = []
    try fixture.catalog().forEachRejection {
      originals.append("\($0.path) \($0.detail)")
      return true
    }
    #expect(originals == ["b/1.pgm a/1.pgm", "c/1.pgm a/1.pgm"])
  }

  @Test("keeps hashes that a verification compares with the rows")
  func verifiedHashes() async throws {
    try add(1, to: "a/1")
    try await fixture.ingest()
    #expect(try await fixture.verified().problems.isEmpty)
    try await DatabaseQueue(path: fixture.store.catalog).write {
      try $0.execute(sql: "UPDATE shard_hash SET hashes = zeroblob(length(hashes))")
    }
    let problems = try await fixture.verified().problems
    #expect(problems.count == 1 && problems[0].problem.contains("perceptual hashes"))
  }

  @Test("finds the same picture among thousands with the same hash")
  func samePictureAmongMany() throws {
    try FileManager.default.createDirectory(
      atPath: fixture.store.shards, withIntermediateDirectories: true)
    let catalog = try Catalog.openOrCreate(fixture.store)
    try catalog.add(DatasetRecord(name: "folder", root: fixture.scratch.file("faces")))
    func digest(_ number: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: 64 - digits.count) + digits
    }
    // Each has pixels of its own, but for the last, which has those of the last of the first shard.
    let shards = [1_024, 1]
    for (shard, count) in shards.enumerated() {
      try catalog.add(
        ShardRecord(
          number: shard, dataset: "folder", sha256: digest(shard), byteCount: 1, samples: count,
          rejections: 0),
        samples: (0..<count).map { row in
          Sample(
            dataset: "folder", identity: "p", pose: nil, number: nil, path: "p/\(shard)-\(row).pgm",
            sha256: digest(5_000 + 2_000 * shard + row), file: FileStamp(bytes: 1, modified: 1),
            width: 8, height: 8, shard: shard, row: row,
            pixelsSHA256: digest(shard == 0 ? row : 1_023), perceptualHash: 0)
        }, rejections: [])
      try NearDuplicates.refresh(catalog)
    }
    let links = try catalog.duplicateLinks()
    #expect(
      links.filter { $0.kind == .pixels } == [
        DuplicateLink(kind: .pixels, later: 1_024, earlier: 1_023)
      ])
    #expect(try catalog.duplicateSearchState().truncatedSamples > 0)
  }
}

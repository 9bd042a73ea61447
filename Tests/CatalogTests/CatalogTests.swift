import Foundation
import GRDB
import Shards
import Synchronization
import TestSupport
import Testing

@testable import Catalog

@Suite("A catalog")
struct CatalogTests {
  private let scratch: TemporaryFolder
  private let folder: StoreFolder
  private let digest = String(repeating: "a", count: 64)

  init() throws {
    scratch = try TemporaryFolder()
    folder = StoreFolder(path: scratch.path)
  }

  private func sample(_ identity: String, _ row: Int, shard: Int = 0) -> Sample {
    Sample(
      dataset: "orl", identity: identity, pose: nil, number: row + 1,
      path: "\(identity)/\(shard)-\(row).pgm", sha256: digest,
      file: FileStamp(bytes: 9, modified: 1), width: 92, height: 112, shard: shard,
      row: row, pixelsSHA256: digest, perceptualHash: .max)
  }

  private func fill(_ catalog: Catalog, shard: Int = 0, identities: [String]) throws {
    try catalog.add(DatasetRecord(name: "orl", root: "/faces"))
    try catalog.add(
      ShardRecord(
        number: shard, dataset: "orl", sha256: digest, byteCount: 9, samples: 1, rejections: 0),
      samples: identities.enumerated().map { sample($0.element, $0.offset, shard: shard) },
      rejections: [
        Rejection(dataset: "orl", path: "bad\(shard).pgm", reason: .damaged, detail: "cut")
      ])
  }

  @Test("counts what was added")
  func counts() throws {
    let catalog = try Catalog.openOrCreate(folder)
    try fill(catalog, identities: ["s1", "s1", "s2"])
    #expect(
      try catalog.counts()
        == StoreCounts(samples: 3, identities: 2, rejections: 1, shards: 1))
    #expect(try catalog.identityCounts(dataset: "orl").map(\.name) == ["s1", "s2"])
    #expect(try catalog.known(["s1/0-0.pgm", "bad0.pgm", "new"], dataset: "orl").count == 2)
  }

  @Test("adds a shard with all its rows or with none")
  func addsAllOrNothing() throws {
    let catalog = try Catalog.openOrCreate(folder)
    try fill(catalog, identities: ["s1"])
    let twice = [sample("s3", 0, shard: 1), sample("s1", 0)]
    #expect(throws: CatalogError.self) {
      try catalog.add(
        ShardRecord(
          number: 1, dataset: "orl", sha256: digest, byteCount: 9, samples: 1, rejections: 0),
        samples: twice,
        rejections: [])
    }
    #expect(try catalog.counts().samples == 1)
    #expect(try catalog.shardNumbers() == [0])
  }

  @Test("has one digest, whatever the order its shards came in")
  func digestIgnoresOrder() throws {
    let first = try Catalog.openOrCreate(folder)
    try fill(first, shard: 0, identities: ["s1", "s2"])
    try fill(first, shard: 1, identities: ["s3"])
    let other = StoreFolder(path: scratch.file("other"))
    try FileManager.default.createDirectory(atPath: other.path, withIntermediateDirectories: true)
    let second = try Catalog.openOrCreate(other)
    try fill(second, shard: 1, identities: ["s3"])
    try fill(second, shard: 0, identities: ["s1", "s2"])
    #expect(try first.digest() == second.digest())
    try fill(second, shard: 2, identities: ["s4"])
    #expect(try first.digest() != second.digest())
  }

  @Test("refuses a second ingest configuration once there are samples")
  func refusesSecondConfiguration() throws {
    let catalog = try Catalog.openOrCreate(folder)
    try catalog.adopt(configuration: "{\"width\":1}")
    try catalog.adopt(configuration: "{\"width\":2}")
    try fill(catalog, identities: ["s1"])
    try catalog.adopt(configuration: "{\"width\":2}")
    #expect(
      throws: CatalogError.configurationDiffers(stored: "{\"width\":2}", asked: "{\"width\":3}")
    ) { try catalog.adopt(configuration: "{\"width\":3}") }
  }

  @Test("that is missing, foreign or too new is refused")
  func refusesOthers() throws {
    #expect(throws: CatalogError.missing(folder: folder.path)) { try Catalog.open(folder) }
    try scratch.write(Array("no database at all".utf8), to: "catalog.sqlite")
    #expect(throws: CatalogError.self) { try Catalog.open(folder) }
    try FileManager.default.removeItem(atPath: folder.catalog)
    let catalog = try Catalog.openOrCreate(folder)
    try catalog.write { try $0.execute(sql: "UPDATE store SET value = '3' WHERE key = 'format'") }
    #expect(
      throws: CatalogError.newerFormat(path: folder.catalog, found: "3", supported: "2")
    ) { try Catalog.open(folder) }
    #expect(throws: CatalogError.self) { try Catalog.openOrCreate(folder) }
  }

  @Test("lets one process write at a time")
  func locks() throws {
    let lock = try StoreLock(folder)
    // A second descriptor of this process is held off just as another process would be.
    #expect(throws: CatalogError.self) { _ = try StoreLock(folder) }
    _ = consume lock
    _ = try StoreLock(folder)
  }

  @Test("is asked whether it is written to without disturbing who begins to write")
  func asksForLock() throws {
    #expect(!StoreLock.isHeld(folder))
    #expect(!FileManager.default.fileExists(atPath: folder.lock))
    let lock = try StoreLock(folder)
    let holder = try String(contentsOfFile: folder.lock, encoding: .utf8)
    #expect(StoreLock.isHeld(folder))
    #expect(try String(contentsOfFile: folder.lock, encoding: .utf8) == holder)
    _ = consume lock
    let isDone = Atomic(false)
    let asking = Thread { [folder] in
      while !isDone.load(ordering: .relaxed) { _ = StoreLock.isHeld(folder) }
    }
    asking.start()
    defer { isDone.store(true, ordering: .relaxed) }
    for _ in 0..<3_000 { _ = try StoreLock(folder) }
  }

  @Test("keeps protocols, and refuses another one of the same name")
  func protocols() throws {
    let catalog = try Catalog.openOrCreate(folder)
    try fill(catalog, identities: ["s1", "s1", "s2"])
    func record(_ pairs: [Pair]) -> ProtocolRecord {
      ProtocolRecord(
        name: "p", kind: "sample", specification: "{}", members: [Part(role: .test): [0, 1, 2]],
        pairs: [Part(role: .test): pairs])
    }
    let pairs = [
      Pair(left: 0, right: 1, genuine: true), Pair(left: 0, right: 2, genuine: false),
    ]
    try catalog.add(record(pairs))
    try catalog.add(record(pairs))
    #expect(try catalog.pairs(of: "p", Part(role: .test)) == pairs)
    #expect(try catalog.members(of: "p", Part(role: .test)) == [0, 1, 2])
    #expect(
      throws: CatalogError.protocolExists(
        name: "p", differences: ["other samples or pairs of the same number"])
    ) { try catalog.add(record(pairs.reversed())) }
    try catalog.add(record(pairs.reversed()), isReplacing: true)
    #expect(try catalog.pairs(of: "p", Part(role: .test)) == pairs.reversed())
    #expect(throws: CatalogError.noSuchProtocol(name: "q", known: ["p"])) {
      try catalog.protocolSummary("q")
    }
  }
}

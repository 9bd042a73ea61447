import Foundation
import GRDB
import TestSupport
import Testing

@testable import Catalog

/// The digests: everything that is stored changes them, and nothing else does.
@Suite("A digest")
struct DigestTests {
  private let scratch: TemporaryFolder
  private let catalog: Catalog

  init() throws {
    scratch = try TemporaryFolder()
    catalog = try Catalog.openOrCreate(StoreFolder(path: scratch.path))
    try catalog.adopt(configuration: "{\"width\":8}")
    try catalog.add(DatasetRecord(name: "d", root: "/d"))
    let hash = String(repeating: "a", count: 64)
    let crop = Crop(
      left: 1, top: 2, side: 3, angle: 0.5, faces: 1,
      face: Crop.Face(left: 4, top: 5, width: 6, height: 7, score: 0.25), landmarks: "[[1,2]]")
    try catalog.add(
      ShardRecord(
        number: 0, dataset: "d", sha256: hash, byteCount: 9, samples: 2, rejections: 1),
      samples: (0..<2).map { row in
        Sample(
          dataset: "d", identity: "p\(row)", pose: "frontal", number: 7, path: "p\(row).jpg",
          sha256: hash, file: FileStamp(bytes: 11, modified: 5), width: 12, height: 13, shard: 0,
          row: row, pixelsSHA256: hash, perceptualHash: 9, fiducials: "[[3,4]]", crop: crop)
      },
      rejections: [Rejection(dataset: "d", path: "bad", reason: .damaged, detail: "cut")])
    try catalog.add(
      ProtocolRecord(
        name: "p", kind: "list", specification: "{\"file\":\"x\"}",
        members: [Part(fold: 1, role: .test): [0, 1]],
        pairs: [Part(fold: 1, role: .test): [Pair(left: 0, right: 1, genuine: false)]],
        missing: [
          Part(fold: 1, role: .test): [
            MissingPair(number: 2, genuine: true, left: "a", right: "b")
          ]
        ]))
  }

  private func change(_ sql: String) throws {
    try catalog.write { try $0.execute(sql: "PRAGMA defer_foreign_keys = ON") }
    try catalog.write { try $0.execute(sql: sql) }
  }

  @Test(
    "of a store changes with every value that is hashed",
    arguments: [
      "UPDATE sample SET number = number + 1000", "UPDATE sample SET number = NULL",
      "UPDATE sample SET width = 1", "UPDATE sample SET height = 14",
      "UPDATE sample SET bytes = 12",
      "UPDATE sample SET perceptual_hash = 10", "UPDATE sample SET pose = NULL",
      "UPDATE sample SET pose = 'profile'", "UPDATE sample SET path = 'q' WHERE row = 1",
      "UPDATE sample SET sha256 = replace(sha256, 'a', 'b')",
      "UPDATE sample SET pixels_sha256 = replace(pixels_sha256, 'a', 'b')",
      "UPDATE sample SET fiducials = NULL WHERE row = 0",
      "UPDATE identity SET name = 'q' WHERE name = 'p1'", "UPDATE dataset SET name = 'e'",
      "UPDATE crop SET left = 9 WHERE sample = 0", "UPDATE crop SET angle = 0.25 WHERE sample = 1",
      "UPDATE crop SET face_score = 0.5", "UPDATE crop SET landmarks = NULL",
      "DELETE FROM crop WHERE sample = 1", "UPDATE shard SET sha256 = replace(sha256, 'a', 'b')",
      "UPDATE shard SET samples = 3", "UPDATE shard SET rejections = 2",
      "UPDATE rejection SET reason = 'empty'", "UPDATE rejection SET detail = 'other'",
      "UPDATE rejection SET path = 'worse'", "DELETE FROM rejection",
      "INSERT INTO dropped VALUES (1, 0)", "UPDATE sample SET replaced = 1 WHERE row = 1",
      "UPDATE store SET value = '{\"width\":9}' WHERE key = 'ingest'",
    ])
  func storeChanges(sql: String) throws {
    let before = try catalog.digest()
    try change(sql)
    #expect(try catalog.digest() != before)
  }

  @Test(
    "of a store stays when only the place or the time changes",
    arguments: [
      "UPDATE dataset SET root = '/elsewhere'", "UPDATE sample SET modified = 6",
      "UPDATE shard SET searched = 1", "DELETE FROM protocol",
    ])
  func storeStays(sql: String) throws {
    let before = try catalog.digest()
    try change(sql)
    #expect(try catalog.digest() == before)
  }

  @Test("tells apart values whose texts would run together")
  func unambiguous() throws {
    try change("UPDATE sample SET pose = 'x' || char(31) || 'i7', number = NULL WHERE row = 0")
    let one = try catalog.digest()
    try change("UPDATE sample SET pose = 'x', number = 7 WHERE row = 0")
    #expect(try catalog.digest() != one)
    try change("UPDATE sample SET pose = NULL")
    let null = try catalog.digest()
    try change("UPDATE sample SET pose = 'n'")
    #expect(try catalog.digest() != null)
  }

  @Test(
    "of a protocol changes with every value of it",
    arguments: [
      "UPDATE protocol SET kind = 'sample'", "UPDATE protocol SET specification = '{}'",
      "UPDATE member SET fold = 2", "UPDATE member SET role = 0",
      "DELETE FROM member WHERE sample = 1",
      "UPDATE pair SET number = 5", "UPDATE pair SET genuine = 1",
      "UPDATE pair SET left_sample = 1",
      "UPDATE pair SET right_sample = 0", "UPDATE pair SET fold = 2", "UPDATE pair SET role = 1",
      "UPDATE missing_pair SET left_path = 'c'", "UPDATE missing_pair SET right_path = 'c'",
      "UPDATE missing_pair SET number = 3", "UPDATE missing_pair SET genuine = 0",
      "DELETE FROM missing_pair",
    ])
  func protocolChanges(sql: String) throws {
    let before = try catalog.digest(ofProtocol: "p")
    try change(sql)
    #expect(try catalog.digest(ofProtocol: "p") != before)
  }

  @Test("of a protocol in memory is that of the stored one")
  func protocolMatches() throws {
    let record = ProtocolRecord(
      name: "q", kind: "list", specification: "{}", members: [Part(role: .test): [1, 0]],
      pairs: [
        Part(role: .test): [
          Pair(left: 1, right: 0, genuine: true), Pair(left: 0, right: 1, genuine: false),
        ]
      ],
      missing: [
        Part(role: .test): [MissingPair(number: 1, genuine: false, left: "a", right: "b")]
      ])
    try catalog.add(record)
    #expect(try catalog.digest(ofProtocol: "q") == Catalog.digest(of: record))
  }

  @Test("of pairs stands beside a view that names both sides of each")
  func pairView() throws {
    let text = try catalog.read {
      try String.fetchOne(
        $0,
        sql: """
          SELECT left_dataset || ' ' || left_path || ' ' || right_dataset || ' ' || right_path
            || ' ' || genuine FROM pairs
          """)
    }
    #expect(text == "d p0.jpg d p1.jpg 0")
  }
}

import Foundation
import GRDB
import TestSupport
import Testing

@testable import Catalog

/// How SQLite runs what is asked once a shard or once a sample: never by looking at every row.
@Suite("A query that runs once a shard or a sample")
struct QueryPlanTests {
  private let scratch: TemporaryFolder
  private let catalog: Catalog

  init() throws {
    scratch = try TemporaryFolder()
    catalog = try Catalog.openOrCreate(StoreFolder(path: scratch.path))
  }

  /// The statements a catalog runs for some calls, as SQLite traces them.
  private func statements(_ calls: (Catalog) throws -> Void) throws -> [String] {
    final class Seen: @unchecked Sendable { var sql: [String] = [] }
    let seen = Seen()
    // One connection does it all, so that nothing else writes into `seen`.
    try catalog.write { database in
      database.trace { event in
        if case .statement(let statement) = event { seen.sql.append(statement.expandedSQL) }
      }
    }
    try calls(catalog)
    try catalog.write { $0.trace(nil) }
    return seen.sql.filter {
      let word = $0.split(separator: " ").first?.uppercased() ?? ""
      return ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(word)
    }
  }

  @Test("searches an index or the ids")
  func plans() throws {
    try catalog.add(DatasetRecord(name: "d", root: "/d"))
    let hash = String(repeating: "a", count: 64)
    let shard = ShardRecord(
      number: 0, dataset: "d", sha256: hash, byteCount: 9, samples: 1, rejections: 1)
    let sample = Sample(
      dataset: "d", identity: "p", pose: nil, number: nil, path: "p.jpg", sha256: hash,
      file: FileStamp(bytes: 1, modified: 1), width: 8, height: 8, shard: 0, row: 0,
      pixelsSHA256: hash, perceptualHash: 0, crop: Crop(left: 0, top: 0, side: 8))
    let statements = try statements { catalog in
      try catalog.add(
        shard, samples: [sample],
        rejections: [Rejection(dataset: "d", path: "bad", reason: .damaged, detail: "")],
        isRefresh: true)
      _ = try catalog.known(["p.jpg", "q.jpg"], dataset: "d")
      _ = try catalog.samples(ofShard: 0)
      _ = try catalog.rejections(ofShard: 0)
      _ = try catalog.hashes(ofShard: 0)
      _ = try catalog.pictureDigests(ofShard: 0)
      _ = try catalog.pictureDigests([0])
      _ = try catalog.otherFiles(ofPicture: 0)
      _ = try catalog.images([0])
      try catalog.touch([("p.jpg", 2)], dataset: "d")
      var evidence = DuplicateEvidence()
      evidence.firsts = [0: RowBits(count: 1, repeating: true)]
      try catalog.add(evidence)
      try catalog.forEachSample(identity: "p") { _ in }
    }
    #expect(statements.count > 15)
    // The names of the datasets are few, and all are wanted.
    for sql in statements where !sql.contains("FROM dataset ORDER BY name") {
      let plan = try catalog.read { database in
        try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(sql)").map { $0["detail"] as String }
      }
      for step in plan {
        #expect(
          !step.hasPrefix("SCAN") || step.hasPrefix("SCAN CONSTANT ROW"), "\(step) in \(sql)")
      }
    }
  }

  @Test("counts a store without looking at every sample")
  func counts() throws {
    try catalog.add(DatasetRecord(name: "d", root: "/d"))
    let statements = try statements { catalog in
      _ = try catalog.counts()
      _ = try catalog.counts(dataset: "d")
      _ = try catalog.knowsFiles(dataset: "d", prefix: "../e/")
      _ = try catalog.examples(dataset: "d", count: 8)
      _ = try catalog.duplicateSearchState()
    }
    #expect(statements.count > 10)
    for sql in statements {
      let plan = try catalog.read { database in
        try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(sql)").map { $0["detail"] as String }
      }
      for step in plan {
        let isOverSamples = ["sample", "gone", "one", "other"].contains { name in
          step.hasPrefix("SCAN \(name)") && !step.contains("sample_replaced")
        }
        #expect(!isOverSamples, "\(step) in \(sql)")
      }
    }
  }
}

import Foundation
import GRDB
import TestSupport
import Testing

@testable import Catalog

/// Readers and the writer of one catalog at the same time.
@Suite("A catalog that is read and written at once", .serialized)
struct CoexistenceTests {
  private let scratch: TemporaryFolder
  private let folder: StoreFolder

  init() throws {
    scratch = try TemporaryFolder()
    folder = StoreFolder(path: scratch.path)
  }

  private func addShard(_ number: Int, to catalog: Catalog) throws {
    let hash = String(repeating: "a", count: 64)
    try catalog.add(
      ShardRecord(
        number: number, dataset: "d", sha256: hash, byteCount: 9, samples: 0, rejections: 0),
      samples: [], rejections: [])
  }

  @Test("lets a writer commit while a reader stands in the middle of its rows")
  func readerStands() throws {
    let writer = try Catalog.openOrCreate(folder)
    try writer.add(DatasetRecord(name: "d", root: "/d"))
    try addShard(0, to: writer)
    // Another program, with a transaction that is open for as long as it likes.
    let reader = try DatabaseQueue(path: folder.catalog)
    try reader.inDatabase { database in
      try database.execute(sql: "BEGIN")
      let before = try Int.fetchOne(database, sql: "SELECT count(*) FROM shard")
      let start = Date()
      try addShard(1, to: writer)
      #expect(Date().timeIntervalSince(start) < 5)
      #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM shard") == before)
      try database.execute(sql: "COMMIT")
      #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM shard") == 2)
    }
  }

  @Test("is one file again when the writer is done")
  func oneFile() throws {
    let writer = try Catalog.openOrCreate(folder)
    try writer.add(DatasetRecord(name: "d", root: "/d"))
    #expect(scratch.contents().contains("catalog.sqlite-wal"))
    writer.finishWriting()
    #expect(scratch.contents() == ["catalog.sqlite"])
  }

  @Test("holds a writer up, and tells it, when the reader came first; it goes on then")
  func readerFirst() async throws {
    let writer = try Catalog.openOrCreate(folder)
    try writer.add(DatasetRecord(name: "d", root: "/d"))
    writer.finishWriting()
    // A reader that leaves its transaction open from one call to the next.
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let reader = try DatabaseQueue(path: folder.catalog, configuration: configuration)
    try await reader.writeWithoutTransaction { database in
      try database.execute(sql: "BEGIN")
      _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM shard")
    }
    let folder = folder
    // A writer waits without limit, so it has a thread of its own: on one of the tests' threads, of
    // which there are as many as processors, it could prevent the reader from ending.
    let (written, sender) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
    Thread.detachNewThread {
      sender.yield(
        Result {
          let catalog = try Catalog.openOrCreate(folder)
          try catalog.add(DatasetRecord(name: "e", root: "/e"))
        })
      sender.finish()
    }
    try await Task.sleep(for: .milliseconds(500))
    try await reader.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
    for await result in written { try result.get() }
    #expect(try Catalog.open(folder).datasets() == ["d", "e"])
  }

  @Test("hands samples and rejections on without a transaction that stands meanwhile")
  func readsInPages() throws {
    let writer = try Catalog.openOrCreate(folder)
    try writer.add(DatasetRecord(name: "d", root: "/d"))
    let hash = String(repeating: "a", count: 64)
    try writer.add(
      ShardRecord(
        number: 0, dataset: "d", sha256: hash, byteCount: 9, samples: 300, rejections: 1_500),
      samples: (0..<300).map { row in
        Sample(
          dataset: "d", identity: "p\(row / 2)", pose: nil, number: nil, path: "p\(row).jpg",
          sha256: hash, file: FileStamp(bytes: 1, modified: 1), width: 8, height: 8, shard: 0,
          row: row, pixelsSHA256: hash, perceptualHash: 0)
      },
      rejections: (0..<1_500).map {
        Rejection(dataset: "d", path: "bad\($0)", reason: .damaged, detail: "")
      })
    writer.finishWriting()
    // In the rollback journal every open transaction of a reader would keep this from committing.
    let other = try DatabaseQueue(path: folder.catalog)
    var writes = 0
    func write() {
      #expect(throws: Never.self) {
        try other.write {
          try $0.execute(sql: "UPDATE dataset SET root = root || 'x'")
        }
      }
      writes += 1
    }
    let reader = try Catalog.open(folder)
    var (paths, rejected): ([String], [String]) = ([], [])
    try reader.forEachSample { sample in
      if paths.isEmpty { write() }
      paths.append(sample.path)
    }
    try reader.forEachRejection { rejection in
      if rejected.isEmpty { write() }
      rejected.append(rejection.path)
      return true
    }
    #expect(writes == 2 && paths.count == 300 && Set(paths).count == 300)
    #expect(rejected.count == 1_500 && rejected == rejected.sorted())
  }

  @Test("knows file systems that other machines share by the table of mounts")
  func networks() {
    // Device 0:53 as stat(2) has it is 53; lines as proc(5) shows them.
    let mounts = """
      22 1 259:1 / / rw,relatime - ext4 /dev/root rw
      98 22 0:53 / /data rw,relatime shared:1 master:3 - nfs4 server:/export rw
      99 22 0:54 / /tmp rw - tmpfs tmpfs rw
      """
    #expect(StoreFolder.isNetwork(device: 53, mounts: mounts))
    #expect(!StoreFolder.isNetwork(device: 54, mounts: mounts))
    #expect(!StoreFolder.isNetwork(device: 259 << 8 | 1, mounts: mounts))
    #expect(!StoreFolder.isNetwork(device: 55, mounts: mounts))
  }
}

import Catalog
import Foundation
import Randomness
import TestSupport
import Testing

/// `prep ingest` killed, out of room, and run twice at once.
@Suite("prep ingest, whatever happens to it,", .serialized)
struct IngestSafetyTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
  }

  private var store: String { scratch.file("out") }

  private func digest(_ folder: String) throws -> String {
    try Catalog.open(StoreFolder(path: folder)).digest()
  }

  @Test("killed a hundred times at any moment, never leaves an invalid store, and ends the same")
  func killed() throws {
    for number in 0..<4_200 {
      try scratch.write(NoisePicture.pgm(number), to: "many/p\(number / 20)/\(number).pgm")
    }
    let arguments = [
      "ingest", scratch.file("many"), "--quiet", "--color", "gray", "--size", "24", "--out",
    ]
    let whole = scratch.file("whole")
    let start = Date()
    #expect(try Tool.prep.run(all: arguments + [whole]).code == 0)
    let seconds = Date().timeIntervalSince(start)
    let expected = try digest(whole)
    var random = RandomStream(seed: 0, "kills")
    var (finished, midway) = (0, 0)
    for _ in 0..<100 {
      let process = try Tool.prep.start(arguments + [store])
      try process.run()
      Thread.sleep(forTimeInterval: random.uniform() * seconds)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let folder = StoreFolder(path: store)
      guard folder.exists else { continue }
      let catalog = try Catalog.open(folder)
      let shards = try catalog.shards()
      for shard in shards {
        let size =
          try FileManager.default.attributesOfItem(
            atPath: folder.shard(shard.number))[.size] as? Int
        #expect(size == shard.byteCount)
      }
      #expect(try catalog.integrityProblems().isEmpty)
      if shards.count == 5 {
        // Whole: the next kill shall meet a new one.
        finished += 1
        #expect(try digest(store) == expected)
        try FileManager.default.removeItem(atPath: store)
      } else if !shards.isEmpty {
        midway += 1
      }
    }
    #expect(finished >= 5 && midway >= 5, "\(finished) finished, \(midway) midway")
    #expect(try Tool.prep.run(all: arguments + [store]).code == 0)
    #expect(try digest(store) == expected)
    #expect(try Tool.prep.run("verify", "--out", store).code == 0)
    #expect(scratch.contents(of: "whole/shards") == scratch.contents(of: "out/shards"))
  }

  @Test("a full disk is said in a sentence; with room the run goes on to the same store")
  func fullDisk() throws {
    for number in 0..<2_500 {
      try scratch.write(NoisePicture.pgm(number), to: "faces/p/\(number).pgm")
    }
    #expect(
      try Tool.prep.run(
        "ingest", scratch.file("faces"), "--out", scratch.file("whole"), "--size", "32", "--color",
        "gray"
      ).code == 0)
    try FileManager.default.createDirectory(
      atPath: scratch.file("disk"), withIntermediateDirectories: true)
    // A file system of two megabytes, which ends with the shell that made it.
    let run =
      "\(Tool.prep.path) ingest \(scratch.file("faces")) --out \(scratch.file("disk"))/out --size 32 --color gray --quiet"
    let script = """
      mount -t tmpfs -o size=2m none \(scratch.file("disk")) || exit 99
      \(run); echo "full $?"
      \(Tool.prep.path) verify --out \(scratch.file("disk"))/out --quiet; echo "verify $?"
      mount -o remount,size=64m \(scratch.file("disk"))
      \(run); echo "again $?"
      cp -r \(scratch.file("disk"))/out \(store)
      """
    let outcome = try Tool(path: "/usr/bin/unshare").run(
      all: (getuid() == 0 ? [] : ["--map-root-user"]) + ["--mount", "/bin/sh", "-c", script])
    #expect(outcome.output.contains("full 1"), "\(outcome.output)\(outcome.error)")
    #expect(outcome.error.contains("Free space on the disk"))
    #expect(outcome.output.contains("verify 0") && outcome.output.contains("again 0"))
    #expect(try digest(store) == digest(scratch.file("whole")))
  }

  @Test("a store that another run writes is refused with the name of that run")
  func twoRuns() throws {
    try scratch.write(NoisePicture.pgm(1), to: "faces/ann/1.pgm")
    try FileManager.default.createDirectory(
      atPath: "\(store)/shards", withIntermediateDirectories: true)
    let lock = try StoreLock(StoreFolder(path: store))
    let run = { try Tool.prep.run("ingest", scratch.file("faces"), "--out", store, "--json") }
    let outcome = try run()
    #expect(outcome.code == 1)
    #expect(outcome.error.contains("process \(getpid())"))
    _ = consume lock
    #expect(try run().code == 0)
  }
}

import Foundation
import SyntheticFaces
import TestSupport
import Testing

/// What a store and a run hold is on the disk before it has its name.
///
/// A power cut leaves the old file or the new one, never a file of zeros. Only the system calls can
/// show it.
@Suite("A file that gets its name", .serialized)
struct FlushTests {
  private let scratch: TemporaryFolder
  private let library: String

  init() throws {
    scratch = try TemporaryFolder()
    library = scratch.file("flush_log.so")
    let built = try Tool(path: "/usr/bin/env").run(
      "clang", "-shared", "-fPIC", "-o", library,
      "\(Surroundings.root)/Tests/CommandTests/Scripts/flush_log.c", "-ldl")
    #expect(built.code == 0, "\(built.error)")
  }

  /// The successful calls of a command: `["fsync", path]`, `["rename", from, to]`, and `["create", path]`
  /// or `["open", path]` for a file that had to be new or could have been there.
  private func calls(of tool: Tool, _ arguments: [String]) throws -> [[String]] {
    let log = scratch.file("log")
    try? FileManager.default.removeItem(atPath: log)
    let outcome = try Tool(path: "/usr/bin/env").run(
      all: ["LD_PRELOAD=\(library)", "FLUSH_LOG=\(log)", tool.path] + arguments)
    #expect(outcome.code == 0, "\(outcome.error)")
    return try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: "\t").map(String.init)
    }
  }

  /// Checks that every rename stands between a flush of the file and one of its folder.
  private func check(_ calls: [[String]], renamesAtLeast count: Int) {
    let renames = calls.indices.filter { calls[$0][0] == "rename" }
    #expect(renames.count >= count)
    for place in renames {
      let (from, to) = (calls[place][1], calls[place][2])
      #expect(calls[..<place].contains(["fsync", from]), "\(to) was not flushed before its rename")
      // Nobody else may have put a file or a link there.
      #expect(calls[..<place].contains(["create", from]), "\(from) was not made anew")
      let folder = URL(fileURLWithPath: to).deletingLastPathComponent().path
      #expect(
        calls[place...].contains(["fsync", folder]), "the folder of \(to) was not flushed after it")
    }
  }

  @Test("was flushed before, and its folder after it")
  func order() throws {
    let store = scratch.file("store")
    try FaceSet(seed: 0).write(to: scratch.file("faces"), people: 12, pictures: 4)
    let ingest = try calls(of: .prep, ["ingest", scratch.file("faces"), "--out", store])
    check(
      ingest.filter { $0.last?.contains("/shards/") == true || $0[0] == "fsync" }, renamesAtLeast: 1
    )
    #expect(
      ingest.contains { $0[0] == "rename" && $0[2].hasSuffix(".safetensors") }, "\(ingest)")
    #expect(try Tool.prep.run("pairs", "--out", store, "--split", "identity", "--exact").code == 0)
    let trained = try calls(
      of: .train,
      [
        "--shards", store, "--run", scratch.file("run"), "--epochs", "1", "--set", "batch=16",
        "--set", "sampler.balanced.pairs-per-epoch=32", "--quiet",
      ])
    // Measured times that are lost are measured again.
    check(trained.filter { $0.last?.hasSuffix("/convolutions.json") != true }, renamesAtLeast: 3)
    #expect(trained.contains { $0[0] == "rename" && $0[2].hasSuffix("/checkpoint.safetensors") })
  }
}

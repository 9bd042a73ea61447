import Foundation
import GRDB
import SyntheticFaces
import TestSupport
import Testing

/// What users do wrong: one sentence that says what, where and what to do next; nothing left behind.
@Suite("Bad input", .serialized)
struct BadInputTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
  }

  private var store: String { scratch.file("out") }

  /// Runs `tool`, which must fail with one line that has all of `words`, here and in JSON.
  private func expectFailure(
    _ tool: Tool, _ arguments: [String], says words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try tool.run(all: arguments + ["--json"])
    #expect(outcome.code == 1, "\(outcome.error)", sourceLocation: sourceLocation)
    let lines = outcome.error.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
    #expect(lines.count == 1, "\(outcome.error)", sourceLocation: sourceLocation)
    for word in words {
      #expect(outcome.error.contains(word), "\(outcome.error)", sourceLocation: sourceLocation)
    }
    #expect(
      outcome.summary["message_type"] as? String == "error", sourceLocation: sourceLocation)
  }

  @Test("an empty folder, a folder with no image, a missing path, a file for a folder")
  func ingest() throws {
    let empty = scratch.file("empty")
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    try scratch.write([1], to: "texts/a/notes.txt")
    let cases = [
      (empty, "is empty"), (scratch.file("texts"), "no image"),
      (scratch.file("missing"), "does not exist"), (scratch.file("texts/a/notes.txt"), "is a file"),
    ]
    for (path, words) in cases {
      try expectFailure(
        Tool.prep, ["ingest", path, "--out", store],
        says: [path, words, words == "is a file" ? "folder" : "directory"])
      #expect(!FileManager.default.fileExists(atPath: store))
    }
    try scratch.write([1], to: "faces/s1/1.pgm")
    try expectFailure(
      Tool.prep, ["ingest", scratch.file("faces"), "--out", store, "--dataset", "orel"],
      says: ["no dataset orel", "orl"])
    #expect(!FileManager.default.fileExists(atPath: store))
  }

  @Test("no store, no pairs, an unknown recipe, protocol or identity")
  func withoutStore() throws {
    for arguments in [["stats", "--out"], ["pairs", "--split", "identity", "--out"]] {
      try expectFailure(Tool.prep, arguments + [store], says: ["no store", "prep ingest"])
    }
    // A seed may be negative.
    try expectFailure(
      Tool.train, ["--seed", "-1", "--shards", store], says: ["no store", "prep ingest"])
    #expect(!FileManager.default.fileExists(atPath: store))

    try FaceSet(seed: 0).write(to: scratch.file("faces"), people: 4, pictures: 2)
    _ = try Tool.prep.run("ingest", scratch.file("faces"), "--out", store)
    try expectFailure(Tool.train, ["--shards", store], says: ["no pairs", "prep pairs"])
    try expectFailure(
      Tool.prep,
      ["pairs", "--out", store, "--split", "identity", "--test-identities", "s1,s9"],
      says: ["s9"])
    try expectFailure(
      Tool.prep, ["pairs", "--out", store, "--sample", "genuine=5,impostor=1"],
      says: ["4 genuine", "5 were asked"])
    _ = try Tool.prep.run(
      "pairs", "--out", store, "--sample", "genuine=2,impostor=2", "--seed", "-1")
    try expectFailure(
      Tool.train, ["--shards", store, "--recipe", "orl-karas"],
      says: ["no recipe orl-karas", "orl-keras"])
    try expectFailure(
      Tool.train, ["--shards", store, "--protocol", "other"], says: ["no protocol other"])
    try expectFailure(
      Tool.train, ["--shards", store, "--run", scratch.file("run")],
      says: ["no training side"])
    #expect(!FileManager.default.fileExists(atPath: scratch.file("run")))
    try expectFailure(
      Tool.train, ["evaluate", "--run", scratch.file("run"), "--shards", store],
      says: ["There is no run in"])
  }

  @Test("a store of a newer format, of another configuration, or held by another process")
  func otherStores() throws {
    try FaceSet(seed: 0).write(to: scratch.file("faces"), people: 4, pictures: 2)
    _ = try Tool.prep.run("ingest", scratch.file("faces"), "--out", store)
    try expectFailure(
      Tool.prep, ["ingest", scratch.file("faces"), "--out", store, "--size", "23x28"],
      says: ["another configuration", "--out"])

    try FaceSet(seed: 1).write(to: scratch.file("faces/more"), people: 4, pictures: 2)
    try expectFailure(
      Tool.prep, ["ingest", scratch.file("faces/more"), "--out", store],
      says: ["faces/more", "dataset orl from", "--out"])
    try FileManager.default.removeItem(atPath: scratch.file("faces/more"))
    let lost = scratch.file("lost")
    try FileManager.default.copyItem(atPath: store, toPath: lost)
    try FileManager.default.removeItem(atPath: "\(lost)/catalog.sqlite")
    try expectFailure(
      Tool.prep, ["ingest", scratch.file("faces"), "--out", lost], says: ["no catalog.sqlite"])
    #expect(FileManager.default.fileExists(atPath: "\(lost)/shards/00000.safetensors"))

    let lock = open("\(store)/lock", O_RDWR)
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    try expectFailure(
      Tool.prep, ["ingest", scratch.file("faces"), "--out", store], says: ["is being written by"])
    close(lock)

    let sql = "UPDATE store SET value = '99' WHERE key = 'format'"
    try DatabaseQueue(path: "\(store)/catalog.sqlite").write { try $0.execute(sql: sql) }
    for (tool, arguments) in [
      (Tool.prep, ["ingest", scratch.file("faces"), "--out", store]),
      (Tool.prep, ["stats", "--out", store]), (Tool.train, ["--shards", store]),
    ] { try expectFailure(tool, arguments, says: ["format 99", "newer Twinset"]) }
  }

  @Test("samples of another shape than the recipe's")
  func wrongSamples() throws {
    try FaceSet(seed: 0).write(to: scratch.file("faces"), people: 6, pictures: 3)
    _ = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--out", store, "--size", "30", "--resample", "lanczos")
    let pairs = try Tool.prep.run(
      "pairs", "--out", store, "--split", "identity", "--test-identities", "s1,s2")
    #expect(pairs.code == 0, "\(pairs.error)")
    try expectFailure(
      Tool.train, ["--shards", store, "--run", scratch.file("run")],
      says: ["46x56 gray", "30x30 gray"])
    #expect(!FileManager.default.fileExists(atPath: scratch.file("run")))
  }

  @Test("wrong usage ends with 64 and says what would be right")
  func usage() throws {
    for arguments in [
      ["ingest"], ["ingest", "x", "--size", "0"], ["ingest", "x", "--jobs", "0"], ["pairs"],
      ["pairs", "--split", "identity", "--train", "1.5"], ["--nonsense"],
    ] {
      let outcome = try Tool.prep.run(all: arguments)
      #expect(outcome.code == 64, "\(arguments): \(outcome.error)")
      #expect(outcome.output.isEmpty)
    }
  }

  @Test("a file of scores with a wrong line")
  func scores() throws {
    let path = try scratch.write(Array("score,genuine\n1,1\nx,0\n".utf8), to: "s.csv")
    try expectFailure(Tool.train, ["metrics", path], says: [path, "line 3", "\"x\""])
    try scratch.write(Array("score,genuine\n1,1\n0,0\n".utf8), to: "s.csv")
    let outcome = try Tool.train.run("metrics", path, "--json")
    #expect(outcome.code == 0)
    #expect(outcome.summary["eer"] as? Double == 0)
  }
}

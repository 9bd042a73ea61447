import Foundation
import SyntheticFaces
import TestSupport
import Testing

/// The whole road with the built tools, on drawn faces: photographs, store, pairs, training, figures.
@Suite("The road from photographs to a verdict", .serialized)
struct RoadTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    try FaceSet(seed: 0).write(to: scratch.file("faces"), people: 10, pictures: 4)
  }

  private func ingest() throws {
    let outcome = try Tool.prep.run("ingest", scratch.file("faces"), "--out", store, "--json")
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  private var store: String { scratch.file("out") }

  @Test("ends in figures and a report")
  func wholeRoad() throws {
    try ingest()
    let pairs = try Tool.prep.run(
      "pairs", "--out", store, "--split", "identity", "--train", "0.6", "--seed", "1", "--json")
    #expect(pairs.code == 0, "\(pairs.error)")
    #expect(pairs.summary["leaks"] as? Int == 0)
    #expect(pairs.summary["protocol"] as? String == "identity-seed1")

    let stats = try Tool.prep.run("stats", "--out", store, "--json")
    #expect(stats.code == 0, "\(stats.error)")
    #expect(
      scratch.contents(of: "out/report")
        == ["identities-orl.svg", "index.html", "statistics.json"])

    let run = scratch.file("run")
    let trained = try Tool.train.run(
      "--shards", store, "--run", run, "--epochs", "2", "--set", "batch=16", "--set",
      "sampler.balanced.pairs-per-epoch=64", "--threads", "1", "--json")
    #expect(trained.code == 0, "\(trained.error)")
    // The record has what the thread that trains uses, which OpenMP keeps for each thread.
    let record = try String(contentsOfFile: "\(run)/run.json", encoding: .utf8)
    #expect(record.contains("\"threads\" : 1"))
    #expect(trained.summary["parameters"] as? Int == 191_618)
    #expect(trained.summary["steps"] as? Int == 8)
    // Eight steps, two epochs and the summary.
    #expect(trained.json.count == 11)
    #expect(trained.json.count { $0["message_type"] as? String == "evaluation" } == 2)
    let files = scratch.contents(of: "run")
    #expect(
      files.filter { !$0.contains("tfevents") }
        == [
          "accuracy.png", "accuracy.svg", "checkpoint-previous.safetensors",
          "checkpoint.safetensors", "lock", "loss.png", "loss.svg", "metrics.jsonl",
          "recipe.yaml", "run.json", "timing.jsonl", "trained-on.jsonl",
        ])
    #expect(files.count { $0.hasPrefix("events.out.tfevents.") } == 1)

    let evaluated = try Tool.train.run("evaluate", "--run", run, "--shards", store, "--json")
    #expect(evaluated.code == 0, "\(evaluated.error)")
    let summary = evaluated.summary
    for key in ["accuracy", "accuracy_se", "eer", "auc", "threshold", "tar_at_far"] {
      #expect(summary[key] != nil, "\(key)")
    }
    #expect(summary["accuracy_std"] is NSNull)
    #expect(FileManager.default.fileExists(atPath: "\(run)/reports/identity-seed1/index.html"))
    // The figures of another recipe's network must not pass for this run's.
    let recipe = "\(run)/recipe.yaml"
    let text = try String(contentsOfFile: recipe, encoding: .utf8)
    try text.replacingOccurrences(of: "relu", with: "tanh")
      .write(toFile: recipe, atomically: true, encoding: .utf8)
    let foreign = try Tool.train.run("evaluate", "--run", run, "--shards", store)
    #expect(foreign.code == 1)
    #expect(foreign.error.contains("its recipe.yaml is not the one it was made with"))
  }

  @Test("leaves JSON and nothing else on standard output, and no progress without a terminal")
  func streams() throws {
    let outcome = try Tool.prep.run("ingest", scratch.file("faces"), "--out", store, "--json")
    #expect(outcome.json.count == outcome.output.split(separator: "\n").count)
    let summary = outcome.summary
    #expect(summary["message_type"] as? String == "summary")
    #expect(summary["samples"] as? Int == 40)
    #expect(summary["identities"] as? Int == 10)
    #expect(summary["rejections"] as? Int == 0)
    #expect(!outcome.error.contains("\r"))
    let again = try Tool.prep.run("ingest", scratch.file("faces"), "--out", store, "--quiet")
    #expect(again.error.isEmpty)
    #expect(again.output.contains("skipped     40"))
  }

  @Test("a bad file is listed with its reason and the run ends with 3; strict, it ends with 1")
  func rejections() throws {
    try scratch.write(Array("no picture".utf8), to: "faces/s1/1.pgm")
    let strict = try Tool.prep.run("ingest", scratch.file("faces"), "--out", store, "--strict")
    #expect(strict.code == 1)
    #expect(strict.error.contains("s1/1.pgm"))
    let outcome = try Tool.prep.run("ingest", scratch.file("faces"), "--out", store, "--json")
    #expect(outcome.code == 3)
    #expect(outcome.json.first?["message_type"] as? String == "rejection")
    #expect(outcome.json.first?["path"] as? String == "s1/1.pgm")
    #expect(outcome.summary["samples"] as? Int == 39)
  }

  @Test("a dry run says what would be done and does nothing")
  func dryRun() throws {
    let outcome = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--out", store, "--dry-run", "--json")
    #expect(outcome.code == 0)
    #expect(outcome.summary["images"] as? Int == 40)
    #expect(!FileManager.default.fileExists(atPath: store))
  }

  @Test("interrupted, it ends soon with 130 and leaves no unfinished file")
  func interrupted() throws {
    try FaceSet(seed: 3).write(to: scratch.file("many"), people: 10, pictures: 100)
    let list = (0..<40).map { "\(scratch.file("many"))\($0)" }
    for copy in list {
      try FileManager.default.createSymbolicLink(
        atPath: copy, withDestinationPath: scratch.file("many"))
    }
    try FileManager.default.createDirectory(
      atPath: scratch.file("all"), withIntermediateDirectories: true)
    for (index, copy) in list.enumerated() {
      try FileManager.default.moveItem(atPath: copy, toPath: scratch.file("all/p\(index)"))
    }
    let process = try Tool.prep.start(
      ["ingest", scratch.file("all"), "--quiet", "--dataset", "folder", "--out", store])
    try process.run()
    defer { process.terminate() }
    try wait(for: "the folder of shards") {
      FileManager.default.fileExists(atPath: "\(store)/shards")
    }
    usleep(300_000)
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    #expect(!scratch.contents(of: "out/shards").contains { $0.hasPrefix(".tmp-") })
  }

  @Test(
    "Python reads the same pixels and rows with safetensors, sqlite3 and Pillow",
    .enabled(if: Surroundings.hasPython, "needs the Python of Tests/requirements.txt"))
  func pythonReads() throws {
    try ingest()
    let outcome = try Tool(path: Surroundings.python).run(
      "\(Surroundings.root)/Tests/CommandTests/Scripts/read_store.py", store,
      scratch.file("faces"))
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.output == "40 samples agree\n")
  }
}

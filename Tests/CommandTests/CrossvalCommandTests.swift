import Foundation
import SyntheticFaces
import TestSupport
import Testing

/// `train crossval`, several stores and initial weights as users give them.
@Suite("The commands around a training", .serialized)
struct CrossvalCommandTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    try FaceSet(seed: 8).write(to: scratch.file("faces"), people: 6, pictures: 3)
    for arguments in [
      ["ingest", scratch.file("faces"), "--out", store, "--quiet"],
      ["pairs", "--out", store, "--split", "identity", "--folds", "3", "--exact", "--name", "f"],
      ["pairs", "--out", store, "--split", "identity", "--exact", "--name", "p"],
    ] {
      let outcome = try Tool.prep.run(all: arguments)
      #expect(outcome.code == 0, "\(outcome.error)")
    }
  }

  private var store: String { scratch.file("out") }

  private static let short = [
    "--epochs", "1", "--set", "batch=4", "--set", "sampler={balanced: {pairs-per-epoch: 8}}",
  ]

  @Test("train once for each fold, tell each, and average them")
  func folds() throws {
    let arguments =
      ["crossval", "--shards", store, "--protocol", "f", "--run", scratch.file("cv"), "--json"]
      + Self.short
    let outcome = try Tool.train.run(all: arguments)
    #expect(outcome.code == 0, "\(outcome.error)")
    let folds = outcome.json.filter { $0["message_type"] as? String == "fold" }
    #expect(folds.compactMap { $0["fold"] as? Int } == [1, 2, 3])
    let accuracies = folds.compactMap { $0["accuracy"] as? Double }
    let mean = accuracies.reduce(0, +) / 3
    #expect(abs((outcome.summary["accuracy"] as? Double ?? -1) - mean) < 1e-5)
    let deviation = (accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2).squareRoot()
    #expect(abs((outcome.summary["accuracy_std"] as? Double ?? -1) - deviation) < 1e-5)
    #expect(
      abs((outcome.summary["accuracy_se"] as? Double ?? -1) - deviation / 3.0.squareRoot()) < 1e-5)
    #expect(outcome.summary["folds_of_protocol"] as? Int == 3)
    // Given again, it has nothing left to do and says the same.
    let again = try Tool.train.run(all: arguments)
    #expect(again.output == outcome.output)
    #expect(
      scratch.contents(of: "cv").filter { !$0.contains("/") } == ["fold-1", "fold-2", "fold-3"])
  }

  @Test("interrupted, say that the same command continues, and it does")
  func interrupted() throws {
    let crossval =
      ["crossval", "--shards", store, "--protocol", "f", "--folds", "2", "--json", "--quiet"]
      + Self.short.dropFirst(2) + ["--epochs", "200"]
    let whole = try Tool.train.run(all: crossval + ["--run", scratch.file("whole")])
    let arguments = crossval + ["--run", scratch.file("cut")]
    let process = try Tool.train.start(arguments)
    let error = Pipe()
    process.standardError = error
    try process.run()
    defer { process.terminate() }
    try wait(for: "a checkpoint") {
      FileManager.default.fileExists(atPath: scratch.file("cut/fold-2/checkpoint.safetensors"))
    }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text.contains("run the command again to continue"), "\(text)")
    #expect(!text.contains("--resume"), "\(text)")
    let rest = try Tool.train.run(all: arguments)
    #expect(rest.code == 0 && whole.code == 0, "\(rest.error)")
    #expect(rest.summary["accuracy"] as? Double == whole.summary["accuracy"] as? Double)
  }

  @Test("test the networks of the folds on a second protocol, without another training")
  func also() throws {
    for (name, seed) in [("g", "0"), ("other", "1")] {
      let outcome = try Tool.prep.run(
        "pairs", "--out", store, "--split", "identity", "--folds", "3", "--exact", "--name", name,
        "--sample", "genuine=3,impostor=4", "--seed", seed)
      #expect(outcome.code == 0, "\(outcome.error)")
    }
    let crossval =
      ["crossval", "--shards", store, "--protocol", "f", "--run", scratch.file("two")] + Self.short
    let refused = try Tool.train.run(all: crossval + ["--also", "other"])
    #expect(refused.code == 1 && refused.error.contains("The folds of other are not those of f"))
    for twice in [["--also", "f"], ["--also", "g", "--also", "g"]] {
      let outcome = try Tool.train.run(all: crossval + twice)
      #expect(outcome.code == 64 && outcome.error.contains("tested already"), "\(outcome.error)")
    }
    #expect(scratch.contents(of: "two").isEmpty)
    let alone = try Tool.train.run(all: crossval + ["--json"])
    let outcome = try Tool.train.run(all: crossval + ["--also", "g", "--json"])
    #expect(outcome.code == 0, "\(outcome.error)")
    let folds = outcome.json.filter { $0["message_type"] as? String == "fold" }
    #expect(folds.compactMap { $0["fold"] as? Int } == [1, 1, 2, 2, 3, 3])
    #expect(
      folds.map { "\($0["protocol"] ?? "") \($0["genuine"] ?? "")" }.suffix(2) == ["f 6", "g 3"])
    #expect(outcome.summary["accuracy"] as? Double == alone.summary["accuracy"] as? Double)
    let second = (outcome.summary["also"] as? [[String: Any]])?.first
    #expect(second?["protocol"] as? String == "g" && alone.summary["also"] == nil)
    let accuracies = folds.filter { $0["protocol"] as? String == "g" }
      .compactMap { $0["accuracy"] as? Double }
    let mean = accuracies.reduce(0, +) / 3
    #expect(abs((second?["accuracy"] as? Double ?? -1) - mean) < 1e-5)
    let text = try Tool.train.run(all: crossval + ["--also", "g", "--quiet"])
    #expect(
      text.output.contains("f, unrestricted: 3 of 3") && text.output.contains("g, unrestricted"))
  }

  @Test("refuse what cannot be, in one sentence")
  func refuses() throws {
    func says(_ words: String, _ code: Int32, _ arguments: [String]) throws {
      let outcome = try Tool.train.run(all: arguments)
      #expect(outcome.code == code && outcome.error.contains(words), "\(outcome.error)")
    }
    let crossval = ["crossval", "--shards", store, "--protocol", "f"]
    try says("different numbers", 64, crossval + ["--folds", "1,1"])
    try says("has no fold 9", 64, crossval + ["--folds", "9"])
    try says("too few folds", 1, ["crossval", "--shards", store, "--protocol", "p"])
    try says("sampler listed", 1, crossval + ["--mode", "restricted"])
    try says("no recipe orl-kera", 1, crossval + ["--recipe", "orl-kera"])
    try says("given twice", 64, ["--shards", store, "--shards", store + "/", "--protocol", "p"])
    try says("no training side", 1, ["--shards", store, "--protocol", "f"])
    try says(
      "with --set batch=abc --epochs 2 cannot be used: batch", 1,
      ["--shards", store, "--protocol", "p", "--set", "batch=abc", "--epochs", "2"])
    try says(
      "give --faithful", 1, ["--shards", store, "--protocol", "p", "--set", "faithful=true"])
  }

  @Test("say of whom it is not known whether they were trained on")
  func unknownWeights() throws {
    let train = ["--shards", store, "--protocol", "p", "--quiet"] + Self.short
    #expect(try Tool.train.run(all: train + ["--run", scratch.file("a")]).code == 0)
    try FileManager.default.copyItem(
      atPath: scratch.file("a/checkpoint.safetensors"), toPath: scratch.file("w.safetensors"))
    let begun = try Tool.train.run(
      all: train + ["--run", scratch.file("b"), "--init", scratch.file("w.safetensors")])
    #expect(begun.code == 0, "\(begun.error)")
    for (run, isUnknown) in [("a", false), ("b", true)] {
      let outcome = try Tool.train.run(
        "evaluate", "--run", scratch.file(run), "--shards", store)
      #expect(outcome.code == 0, "\(outcome.error)")
      let words = "not known whom they were trained on"
      #expect(outcome.error.contains(words) == isUnknown)
      let page = try String(
        contentsOfFile: scratch.file("\(run)/reports/p/index.html"), encoding: .utf8)
      #expect(page.contains(words) == isUnknown)
    }
  }
}

import Foundation
import Randomness
import SyntheticFaces
import TestSupport
import Testing

/// `train` killed, interrupted, and out of room.
@Suite("train, whatever happens to it,", .serialized)
struct TrainSafetyTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    try FaceSet(seed: 5).write(to: scratch.file("faces"), people: 8, pictures: 4)
    for arguments in [
      ["ingest", scratch.file("faces"), "--out", store, "--quiet"],
      [
        "pairs", "--out", store, "--split", "identity", "--train", "0.5", "--validation", "0.25",
        "--exact", "--quiet",
      ],
    ] {
      let outcome = try Tool.prep.run(all: arguments)
      #expect(outcome.code == 0, "\(outcome.error)")
    }
  }

  private var store: String { scratch.file("out") }

  /// Two recipes of some hundred steps: pairs with dropout, and triplets with batch normalisation and
  /// augmentation.
  private static let recipes = [
    """
    sampler: {balanced: {pairs-per-epoch: 160}}
    tower: [convolution: {filters: 4, kernel: 5, activation: relu}, max-pool: {window: 4}, \
    dropout: {rate: 0.25}, flatten: {}, dense: {units: 12}]
    loss: {contrastive: {margin: 1}}
    optimizer: {adam: {rate: 0.001}}
    batch: 8
    checkpoint: {every: 7}
    """,
    """
    augmentation: [flip: {}, rotation: {degrees: 8}, brightness: {factor: 0.1}]
    sampler: {identities: {identities: 3, samples: 3, batches-per-epoch: 20}}
    tower: [convolution: {filters: 4, kernel: 5, activation: relu}, batch-normalization: {}, \
    max-pool: {window: 4}, flatten: {}, dense: {units: 12}, l2-normalization: {}]
    loss: {triplet: {mining: batch-hard, margin: 0.3}}
    optimizer: {adamw: {rate: 0.001, decay: 0.01}}
    checkpoint: {every: 3}
    """,
  ]

  private func recipe(_ index: Int, epochs: Int) throws -> String {
    let text = """
      name: small
      title: A test
      source: Own work
      datasets: [orl]
      samples: {width: 46, height: 56, channels: 1}
      \(Self.recipes[index])
      epochs: \(epochs)
      evaluation: {every-steps: 9, pairs: 8}
      """
    let path = scratch.file("small-\(index).yaml")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func arguments(_ run: String, _ recipe: String) -> [String] {
    [
      "--shards", store, "--recipe", recipe, "--run", scratch.file(run), "--resume", "--quiet",
      "--threads", "2",
    ]
  }

  private func contents(_ run: String, _ file: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: scratch.file("\(run)/\(file)")))
  }

  @Test(
    "killed twenty times at any moment, ends in the same checkpoints and the same metrics",
    arguments: [0, 1])
  func killed(index: Int) throws {
    let recipe = try recipe(index, epochs: 12)
    let start = Date()
    let whole = try Tool.train.run(all: arguments("whole", recipe))
    #expect(whole.code == 0, "\(whole.error)")
    let seconds = Date().timeIntervalSince(start)
    var random = RandomStream(seed: index, "kills")
    var (kills, finished, midway) = (0, 0, 0)
    while kills < 20 {
      let process = try Tool.train.start(arguments("parts", recipe))
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: random.uniform() * seconds * 0.4)
      if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        kills += 1
      } else {
        finished += 1
      }
      process.waitUntilExit()
      if FileManager.default.fileExists(atPath: scratch.file("parts/checkpoint.safetensors")) {
        midway += 1
      }
      // Whole: the next kill shall meet a new one.
      if finished > 0 && kills < 20 {
        try compare("whole", "parts")
        try FileManager.default.removeItem(atPath: scratch.file("parts"))
        finished = 0
      }
    }
    #expect(midway > 3)
    let rest = try Tool.train.run(all: arguments("parts", recipe))
    #expect(rest.code == 0, "\(rest.error)")
    try compare("whole", "parts")
    // Nothing that a killed process left is there.
    #expect(!scratch.contents(of: "parts").contains { $0.hasPrefix(".tmp-") })
  }

  private func compare(_ one: String, _ other: String) throws {
    for file in ["checkpoint.safetensors", "best.safetensors", "metrics.jsonl", "run.json"] {
      #expect(try contents(one, file) == contents(other, file), "\(file)")
    }
  }

  @Test(
    "interrupted, saves its steps, says so, and continues from there",
    arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func interrupted(signal: Int32, code: Int32) throws {
    let recipe = try recipe(0, epochs: 4_000)
    let process = try Tool.train.start(
      arguments("run", recipe).map { $0 == "--quiet" ? "--json" : $0 })
    let (output, error) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    try process.run()
    // After the first lines there is something to save.
    let first = output.fileHandleForReading.availableData
    // `timeout` sends its signal to the process and to its group: the second one is the same.
    kill(process.processIdentifier, signal)
    kill(process.processIdentifier, signal)
    usleep(20_000)
    kill(process.processIdentifier, signal)
    let text = first + output.fileHandleForReading.readDataToEndOfFile()
    let words = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == code, "\(words)")
    #expect(words.contains("continue with --resume"))
    // The last step that was told is the one that was saved.
    let steps = String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
      (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["step"] as? Int
    }
    let metrics = String(decoding: try contents("run", "metrics.jsonl"), as: UTF8.self)
      .split(separator: "\n").filter { $0.contains("\"loss\"") }
    #expect(metrics.count == steps.last)
    let rest = try Tool.train.run(all: arguments("run", recipe) + ["--steps", "1"])
    #expect(rest.code == 0, "\(rest.error)")
  }

  @Test("stops when the disk is full, and the checkpoint before stays good")
  func diskFull() throws {
    let recipe = try recipe(0, epochs: 3)
    #expect(try Tool.train.run(all: arguments("run", recipe) + ["--steps", "20"]).code == 0)
    let before = try contents("run", "checkpoint.safetensors")
    // A limit on the size of files stands for a full disk: writing the checkpoint fails.
    let limited = Tool(path: "/bin/bash")
    let outcome = try limited.run(
      all: ["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\"", Tool.train.path]
        + arguments("run", recipe))
    #expect(outcome.code == 1)
    #expect(outcome.error.contains("File too large"), "\(outcome.error)")
    #expect(try contents("run", "checkpoint.safetensors") == before)
    #expect(!scratch.contents(of: "run").contains { $0.hasPrefix(".tmp-") })
    #expect(try Tool.train.run(all: arguments("run", recipe)).code == 0)
    #expect(try Tool.train.run(all: arguments("whole", recipe)).code == 0)
    #expect(
      try contents("run", "checkpoint.safetensors") == contents("whole", "checkpoint.safetensors"))
  }

  @Test("stopped before its first checkpoint, leaves a folder that the same command uses")
  func noCheckpoint() throws {
    let recipe = try recipe(0, epochs: 2)
    let run = arguments("run", recipe).filter { $0 != "--resume" }
    #expect(try Tool.train.run(all: run + ["--steps", "1"]).code == 0)
    #expect(try Tool.train.run(all: run).code == 1)
    try FileManager.default.removeItem(atPath: scratch.file("run/checkpoint.safetensors"))
    #expect(try Tool.train.run(all: run).code == 0)
  }

  @Test("stopped before its first checkpoint, is begun again as it was, or refuses to")
  func resumedWithoutCheckpoint() throws {
    let recipe = try recipe(0, epochs: 2)
    let first = arguments("first", recipe).filter { $0 != "--resume" }
    #expect(try Tool.train.run(all: first).code == 0)
    let run =
      arguments("run", recipe).filter { $0 != "--resume" }
      + ["--seed", "5", "--init", scratch.file("first")]
    #expect(try Tool.train.run(all: run + ["--steps", "1"]).code == 0)
    let record = try contents("run", "run.json")
    try FileManager.default.removeItem(atPath: scratch.file("run/checkpoint.safetensors"))
    // Without the weights that it began with it would be another training.
    let plain = [
      "--shards", store, "--run", scratch.file("run"), "--resume", "--quiet",
      "--threads", "2",
    ]
    let refused = try Tool.train.run(all: plain)
    #expect(refused.code == 1 && refused.error.contains("its initial weights"), "\(refused.error)")
    #expect(try contents("run", "run.json") == record)
    // The recipe and the seed are those of the record.
    let begun = try Tool.train.run(all: plain + ["--init", scratch.file("first")])
    #expect(begun.code == 0, "\(begun.error)")
    #expect(try contents("run", "run.json") == record)
  }

  @Test("names the file when a checkpoint is damaged, and the one before it continues the run")
  func damaged() throws {
    let recipe = try recipe(0, epochs: 2)
    #expect(try Tool.train.run(all: arguments("run", recipe) + ["--steps", "30"]).code == 0)
    let path = scratch.file("run/checkpoint.safetensors")
    try Data("no checkpoint".utf8).write(to: URL(fileURLWithPath: path))
    let outcome = try Tool.train.run(all: arguments("run", recipe))
    #expect(outcome.code == 1)
    #expect(
      outcome.error.contains("checkpoint-previous.safetensors: rename it"), "\(outcome.error)")
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(
      atPath: scratch.file("run/checkpoint-previous.safetensors"), toPath: path)
    #expect(try Tool.train.run(all: arguments("run", recipe)).code == 0)
    #expect(try Tool.train.run(all: arguments("whole", recipe)).code == 0)
    #expect(
      try contents("run", "checkpoint.safetensors") == contents("whole", "checkpoint.safetensors"))
    #expect(try contents("run", "metrics.jsonl") == contents("whole", "metrics.jsonl"))
  }
}

import Foundation
import SyntheticFaces
import TestSupport
import Testing

/// What a person or a script sees of the tools: streams, signals, hints, and nothing that speaks to
/// the terminal.
@Suite("At the command line", .serialized)
struct TerminalTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    try FaceSet(seed: 0).write(to: scratch.file("faces"), people: 8, pictures: 4)
  }

  private var store: String { scratch.file("out") }

  private func shell(_ script: String) throws -> Tool.Outcome {
    try Tool(path: "/bin/bash").run(
      "-c",
      "prep() { \(Tool.prep.path) \"$@\"; }; train() { \(Tool.train.path) \"$@\"; }; \(script)")
  }

  private func ingest() throws {
    #expect(try Tool.prep.run("ingest", scratch.file("faces"), "--out", store).code == 0)
  }

  @Test("a full disk behind standard output is an error, a reader that went away is none")
  func standardOutput() throws {
    try ingest()
    let full = try shell("prep list --out \(store) > /dev/full")
    #expect(full.code == 1 && full.error.contains("Could not write to standard output"))
    let json = try shell("prep list --out \(store) --json > /dev/full")
    #expect(json.code == 1)
    let head = try shell("set -o pipefail; prep list --out \(store) | head -1")
    #expect(head.code == 0 && head.error.isEmpty)
  }

  @Test("a listing that nobody reads holds no ingest up")
  func standingReader() throws {
    for number in 0..<3_000 {
      try scratch.write(NoisePicture.pgm(number), to: "many/p\(number / 10)/\(number).pgm")
    }
    let arguments = ["--out", store, "--size", "16", "--color", "gray", "--resample", "lanczos"]
    #expect(try Tool.prep.run(all: ["ingest", scratch.file("many")] + arguments).code == 0)
    // More text than a pipe holds, of which not a line is read.
    let listing = try Tool.prep.start(["list", "--out", store, "--json"])
    listing.standardOutput = Pipe()
    try listing.run()
    Thread.sleep(forTimeInterval: 1)
    #expect(listing.isRunning)
    let added = try Tool.prep.run(
      all: ["ingest", scratch.file("faces"), "--dataset", "folder"] + arguments)
    #expect(added.code == 0, "\(added.error)")
    #expect(listing.isRunning)
    listing.terminate()
    listing.waitUntilExit()
  }

  @Test("text from files reaches the terminal spelled out")
  func escapes() throws {
    let escape = "\u{1B}[2J"
    try ingest()
    try scratch.write(
      Array("2\nann\(escape)\t1\tx\nbob\t1\t2\nann\t1\tbob\t2\nann\t2\tbob\t1\n".utf8),
      to: "pairs.txt")
    let list = try Tool.prep.run(
      "pairs", "--out", store, "--protocol", scratch.file("pairs.txt"))
    #expect(list.code == 1 && !list.error.contains("\u{1B}"))
    #expect(list.error.contains("\\u{1b}[2J"), "\(list.error)")
    try scratch.write(
      Array("score,genuine\n\(escape),1\n".utf8), to: "s.csv")
    let scores = try Tool.train.run("metrics", scratch.file("s.csv"))
    #expect(scores.code == 1 && !scores.error.contains("\u{1B}"))
    try scratch.write(Array("name: m\(escape)\ntitle: [".utf8), to: "m.yaml")
    let manifest = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--dataset", scratch.file("m.yaml"))
    #expect(manifest.code == 1 && !manifest.error.contains("\u{1B}"))
    try scratch.write(NoisePicture.pgm(1), to: "odd/a\(escape)/1.pgm")
    try scratch.write([1], to: "odd/a\(escape)/note.txt")
    try scratch.write(Array("bad".utf8), to: "odd/a\(escape)/2.pgm")
    let odd = try Tool.prep.run("ingest", scratch.file("odd"), "--out", scratch.file("odd-out"))
    #expect(odd.code == 3 && !odd.error.contains("\u{1B}") && !odd.output.contains("\u{1B}"))
    let stats = try Tool.prep.run("stats", "--out", scratch.file("odd-out"))
    #expect(!stats.output.contains("\u{1B}"))
  }

  @Test("the nearest name is named for a command, a key, a recipe, a dataset, a protocol, a value")
  func hints() throws {
    func says(_ words: String, _ tool: Tool, _ arguments: String..., code: Int32 = 1) throws {
      let outcome = try tool.run(all: arguments)
      #expect(outcome.code == code && outcome.error.contains(words), "\(outcome.error)")
    }
    try says("did you mean prep ingest?", .prep, "ingst", code: 64)
    try says("did you mean train evaluate?", .train, "evalute", code: 64)
    try ingest()
    _ = try Tool.prep.run("pairs", "--out", store, "--split", "identity", "--exact")
    let faces = scratch.file("faces")
    try says("did you mean orl?", .prep, "ingest", faces, "--dataset", "orll", "--out", store)
    try says("did you mean orl-keras?", .train, "--shards", store, "--recipe", "orl-kera")
    try says("did you mean batch?", .train, "--shards", store, "--set", "bach=3")
    try says("did you mean optimizer?\n", .train, "--shards", store, "--set", "optimzer=3")
    try says(
      "did you mean rate?", .train, "--shards", store, "--set",
      "optimizer.rmsprop.rat=3")
    try says(
      "did you mean identity-exact-seed0?", .train, "--shards", store, "--protocol",
      "identity-exact-seed")
    try says("did you mean cfp-ff?", .prep, "pairs", "--out", store, "--protocol", "cfp-f")
    try says("Please provide one of", .prep, "ingest", faces, "--color", "grey", code: 64)
    // Nothing like it: all there are.
    try says("the commands are ingest", .prep, "xyzzyxyzzy", code: 64)
  }

  @Test("one line says that a signal ended it, with the exit code of the signal")
  func signals() throws {
    for number in 0..<3_000 {
      try scratch.write(
        NoisePicture.pgm(number, side: 60), to: "many/p\(number / 10)/\(number).pgm")
    }
    for (signal, code) in [(SIGINT, Int32(130)), (SIGTERM, 143)] {
      let out = scratch.file("out\(code)")
      let process = try Tool.prep.start(["ingest", scratch.file("many"), "--out", out, "--quiet"])
      let error = Pipe()
      process.standardError = error
      try process.run()
      defer { process.terminate() }
      try wait(for: "the folder of shards") {
        FileManager.default.fileExists(atPath: "\(out)/shards")
      }
      usleep(200_000)
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == code)
      let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      #expect(text.split(separator: "\n").count == 1 && text.contains("Interrupted"), "\(text)")
    }
    // A command that cannot be cancelled in order ends at once.
    let process = try Tool.train.start(["metrics", "-"])
    let (input, error) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardError = error
    try process.run()
    // On a busy machine a process takes seconds until it listens for signals.
    for _ in 0..<600 where !listens(process.processIdentifier) { usleep(50_000) }
    usleep(500_000)
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 143)
    let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text == "Interrupted.\n")
  }

  /// Whether a process handles SIGTERM itself, for which it ignores the signal's own effect.
  private func listens(_ process: Int32) -> Bool {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("SigIgn:") }
    let mask = line.flatMap {
      UInt64($0.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
    }
    return (mask ?? 0) & 1 << UInt64(SIGTERM - 1) != 0
  }

  @Test("a training that is interrupted is saved, and goes on to the same bits")
  func interruptedTraining() throws {
    try ingest()
    _ = try Tool.prep.run("pairs", "--out", store, "--split", "identity", "--exact")
    let settings = [
      "--shards", store, "--set", "batch=8", "--set", "sampler.balanced.pairs-per-epoch=32",
      "--epochs", "40", "--threads", "1", "--quiet",
    ]
    let whole = try Tool.train.run(all: settings + ["--run", scratch.file("whole")])
    #expect(whole.code == 0, "\(whole.error)")
    #expect(whole.output.contains("mean loss of epoch 1 ") && whole.output.contains("of epoch 40 "))
    let cut = scratch.file("cut")
    let process = try Tool.train.start(settings + ["--run", cut])
    let error = Pipe()
    process.standardError = error
    try process.run()
    defer { process.terminate() }
    try wait(for: "a checkpoint") {
      FileManager.default.fileExists(atPath: "\(cut)/checkpoint.safetensors")
    }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text.contains("--resume") && text.split(separator: "\n").count == 1, "\(text)")
    let taken = try Tool.train.run(all: settings + ["--run", cut])
    #expect(taken.code == 1 && taken.error.contains("--resume"))
    let resumed = try Tool.train.run(all: settings + ["--run", cut, "--resume"])
    #expect(resumed.code == 0, "\(resumed.error)")
    #expect(!resumed.output.contains("mean loss of epoch 1 "))
    #expect(
      FileManager.default.contentsEqual(
        atPath: "\(cut)/checkpoint.safetensors",
        andPath: scratch.file("whole/checkpoint.safetensors")))
    // The run knows its own settings and epochs.
    let done = try Tool.train.run(
      "--shards", store, "--threads", "1", "--quiet", "--run", cut, "--resume")
    #expect(done.code == 0 && done.output.contains("trained to its last epoch already"))
    let longer = try Tool.train.run(
      all: settings.filter { $0 != "--quiet" }.map { $0 == "40" ? "42" : $0 }
        + ["--run", cut, "--resume", "--json"])
    #expect(longer.code == 0 && longer.summary["steps"] as? Int == 8, "\(longer.error)")
    #expect(longer.error.contains("the run had 40 epochs and now has 42"), "\(longer.error)")
    // Two at once: the one that comes second is refused.
    let lock = open("\(cut)/lock", O_RDWR)
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let second = try Tool.train.run(
      all: settings.map { $0 == "40" ? "43" : $0 } + ["--run", cut, "--resume"])
    #expect(second.code == 1 && second.error.contains("is being trained by"), "\(second.error)")
    close(lock)
  }

  @Test("the tools tell their version, and help where nothing is asked for")
  func version() throws {
    for tool in [Tool.prep, .train] {
      let version = try tool.run("--version")
      #expect(version.code == 0 && version.output == "0.1.0\n")
    }
    let bare = try Tool.prep.run()
    #expect(bare.code == 0 && bare.output.contains("SUBCOMMANDS:") && bare.error.isEmpty)
    let usage = try Tool.prep.run("ingest")
    #expect(usage.code == 64 && usage.error.hasPrefix("Error: "))
  }

  @Test("the tools are installed with manifests and completions, and work from there")
  func installs() throws {
    let prefix = scratch.file("usr")
    let tools = URL(fileURLWithPath: Tool.prep.path).deletingLastPathComponent().path
    let outcome = try Tool(path: "/usr/bin/env").run(
      "TOOLS=\(tools)", "\(Surroundings.root)/scripts/install", prefix)
    #expect(outcome.code == 0, "\(outcome.error)")
    for file in [
      "share/bash-completion/completions/prep", "share/zsh/site-functions/_train",
      "share/fish/vendor_completions.d/prep.fish",
    ] {
      let text = try String(contentsOfFile: "\(prefix)/\(file)", encoding: .utf8)
      #expect(text.count > 1_000, "\(file)")
    }
    #expect(
      try Tool(path: "/bin/bash").run(
        "-n", "\(prefix)/share/bash-completion/completions/train"
      ).code == 0)
    let recipes = try Tool(path: "\(prefix)/bin/train").run("recipes")
    #expect(recipes.code == 0 && recipes.output.contains("orl-keras"))
    let plan = try Tool(path: "\(prefix)/bin/prep").run(
      "ingest", scratch.file("faces"), "--dry-run", "--json")
    #expect(plan.summary["images"] as? Int == 32)
  }
}

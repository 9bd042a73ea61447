import Catalog
import Foundation
import Neural
import Shards
import TestSupport
import Testing

@testable import Train

@Suite("A training", .serialized)
struct TrainingRunTests {
  private let scratch: TemporaryFolder
  private let catalog: Catalog
  private let recipe: Recipe
  private let machine: Machine

  init() async throws {
    scratch = try TemporaryFolder()
    catalog = try await FaceStore.make(in: scratch)
    recipe = try Manifests.recipe(
      "orl-keras",
      settings: [
        ("batch", "8"), ("epochs", "3"), ("sampler.balanced.pairs-per-epoch", "20"),
      ])
    machine = try Machine.start(threads: 2)
  }

  private func run(
    _ name: String, seed: Int = 0, resumed: Bool = false, steps: Int = .max, recipe: Recipe? = nil
  ) throws -> TrainingSummary {
    try TrainingRun(
      recipe: recipe ?? self.recipe, catalog: catalog, protocolName: "p", seed: seed,
      machine: machine, folder: RunFolder(path: scratch.file(name)), isResumed: resumed
    ).train(maxSteps: steps) { _ in }
  }

  /// Compared by digest: the test library would spend minutes on the difference of two checkpoints.
  private func digest(_ name: String) throws -> String {
    Digest.sha256(try Data(contentsOf: URL(fileURLWithPath: scratch.file(name))))
  }

  @Test("is the same to the bit when it is repeated, and another with another seed")
  func repeats() throws {
    #expect(try run("a").steps == 9)
    _ = try run("b")
    _ = try run("c", seed: 1)
    #expect(try digest("a/checkpoint.safetensors") == digest("b/checkpoint.safetensors"))
    #expect(try digest("a/checkpoint.safetensors") != digest("c/checkpoint.safetensors"))
    #expect(try digest("a/run.json") == digest("b/run.json"))
  }

  @Test(
    "that goes on ends in the same bits as one that was never stopped", arguments: [2, 3, 4, 8])
  func resumes(stop: Int) throws {
    let whole = try run("whole")
    _ = try run("parts", steps: stop)
    let rest = try run("parts", resumed: true)
    #expect(rest.steps == 9 - stop)
    // The mean of an epoch is that of all its steps, whichever call did them.
    #expect(rest.epochLosses == whole.epochLosses.suffix(rest.epochLosses.count))
    #expect(try digest("whole/checkpoint.safetensors") == digest("parts/checkpoint.safetensors"))
    func metrics(_ name: String) throws -> String {
      try String(contentsOfFile: scratch.file("\(name)/metrics.jsonl"), encoding: .utf8)
    }
    // Nine steps, and what is known after each of three epochs.
    #expect(try metrics("whole").split(separator: "\n").count == 12)
    #expect(try metrics("whole") == metrics("parts"))
  }

  @Test("is not begun over another, and not gone on with as something else")
  func refusesOthers() throws {
    _ = try run("a", steps: 1)
    #expect(throws: TrainError.self) { try run("a") }
    #expect(throws: TrainError.self) { try run("a", seed: 1, resumed: true) }
    // With nothing to go on with, one is begun, so that one command line serves both.
    #expect(try run("missing", resumed: true).steps == 9)
  }

  @Test("notices a shard whose bytes have changed")
  func noticesChanges() throws {
    let path = scratch.file("store/shards/00000.safetensors")
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seek(toOffset: 5_000)
    try handle.write(contentsOf: [0xAB, 0xCD, 0xEF])
    try handle.close()
    do {
      _ = try TrainingRun(
        recipe: recipe, catalog: catalog, protocolName: "p", seed: 0, machine: machine,
        folder: RunFolder(path: scratch.file("x")), isResumed: false
      ).train { _ in }
      Issue.record("it trained on changed bytes")
    } catch {
      guard case TrainError.changedShard = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  /// The recipe with other parts, three epochs of three steps.
  private func variant(_ parts: (String, String)...) throws -> Recipe {
    var yaml = recipe.yaml
    for (key, value) in parts {
      // A part goes up to the next key of the file.
      let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
      let start = lines.firstIndex { $0.hasPrefix("\(key):") } ?? lines.endIndex
      let rest = lines.dropFirst(start + 1).drop { $0.hasPrefix(" ") || $0.hasPrefix("-") }
      yaml =
        (lines[..<start] + ["\(key): \(value)"] + rest).joined(separator: "\n")
    }
    return try Recipe.parse(yaml: yaml, path: "variant.yaml")
  }

  @Test(
    "goes on to the same bits with every optimiser, a head and a schedule",
    arguments: [
      ("sgd: {rate: 0.01, momentum: 0.9, nesterov: true}", "exponential: {factor: 0.5, epochs: 1}"),
      ("adam: {rate: 0.001, amsgrad: true}", "halve-on-rise: {}"),
      ("adamw: {rate: 0.001, decay: 0.01}", "cosine: {warm-up: 1}"),
      ("nadam: {rate: 0.001}", "step: {factor: 0.1, every: 2}"),
    ])
  func variants(optimizer: String, schedule: String) throws {
    let recipe = try variant(
      ("loss", "{binary-cross-entropy: {}}"), ("head", "{weighted-difference: {}}"),
      ("optimizer", "{\(optimizer)}"), ("schedule", "{\(schedule)}"))
    let name = String(optimizer.prefix { $0 != ":" })
    let whole = try run("\(name)-whole", recipe: recipe)
    // 191,618 of the tower, 50 and a bias of the head.
    #expect(whole.parameters == 191_618 + 51)
    _ = try run("\(name)-cut", steps: 4, recipe: recipe)
    _ = try run("\(name)-cut", resumed: true, recipe: recipe)
    let (one, other) = try (
      digest("\(name)-whole/checkpoint.safetensors"), digest("\(name)-cut/checkpoint.safetensors")
    )
    #expect(one == other)
    let embedder = try Embedder(
      run: RunFolder(path: scratch.file("\(name)-cut")), recipe: recipe, catalog: catalog)
    let scores = try embedder.scores(of: catalog.pairs(of: "p", Part(role: .test)))
    #expect(scores.allSatisfy(\.isFinite) && Set(scores).count > 1)
  }

  @Test("learns with a head and cross-entropy, and with a loss on cosines")
  func learns() throws {
    for (loss, head) in [
      ("binary-cross-entropy: {}", true), ("cosine-embedding: {margin: 0.2}", false),
    ] {
      var recipe = try variant(
        ("loss", "{\(loss)}"), ("optimizer", "{adam: {rate: 0.001}}"), ("epochs", "100"))
      if head {
        recipe = try variant(
          ("loss", "{\(loss)}"), ("optimizer", "{adam: {rate: 0.001}}"), ("epochs", "100"),
          ("head", "{weighted-difference: {}}"))
      }
      let losses = try run("learns-\(head)", recipe: recipe).epochLosses
      // An epoch has twenty pairs only, so ten of them are taken together.
      let (first, last) = (losses.prefix(10).reduce(0, +), losses.suffix(10).reduce(0, +))
      #expect(last < 0.6 * first, "\(loss): \(first) to \(last)")
    }
  }

  @Test("refuses a loss on the wrong head")
  func wrongHead() throws {
    for parts in [
      [("loss", "{binary-cross-entropy: {}}")], [("head", "{weighted-difference: {}}")],
    ] {
      let recipe = try parts.count == 1 ? variant(parts[0]) : self.recipe
      #expect(throws: NeuralError.self) { try run("wrong", recipe: recipe) }
      #expect(!FileManager.default.fileExists(atPath: scratch.file("wrong")))
    }
  }
}

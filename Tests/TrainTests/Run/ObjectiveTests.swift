import Catalog
import Foundation
import Neural
import Pairs
import Shards
import TestSupport
import Testing

@testable import Train

@Suite("A training on identities", .serialized)
struct ObjectiveTests {
  private let scratch: TemporaryFolder
  private let catalog: Catalog
  private let machine: Machine

  init() async throws {
    scratch = try TemporaryFolder()
    catalog = try await FaceStore.make(in: scratch)
    machine = try Machine.start(threads: 2)
  }

  private func training(
    _ recipe: SmallRecipe, _ name: String, resumed: Bool = false
  ) throws -> TrainingRun {
    try TrainingRun(
      recipe: recipe.parsed(), catalog: catalog, protocolName: "p", seed: 0, machine: machine,
      folder: RunFolder(path: scratch.file(name)), isResumed: resumed)
  }

  private func run(
    _ recipe: SmallRecipe, _ name: String, resumed: Bool = false, steps: Int = .max
  ) throws -> TrainingSummary {
    try training(recipe, name, resumed: resumed).train(maxSteps: steps) { _ in }
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: scratch.file(name), encoding: .utf8)
  }

  /// The metrics without what depends on the clock.
  private func lines(_ name: String) throws -> [[String: Double]] {
    try text("\(name)/metrics.jsonl").split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
      return try #require(object as? [String: Double])
    }
  }

  private static let identities = "identities: {identities: 2, samples: 2, batches-per-epoch: 3}"

  private static let recipes: [SmallRecipe] = [
    SmallRecipe(sampler: identities, loss: "triplet: {mining: all}"),
    SmallRecipe(
      sampler: identities, loss: "triplet: {mining: semi-hard}",
      optimizer: "sgd: {rate: 0.01, momentum: 0.9, nesterov: true}", schedule: "one-cycle: {}",
      momentumRamp: "{from: 0.5, epochs: 2}"),
    SmallRecipe(
      sampler: identities, loss: "triplet: {mining: batch-hard, soft: true, distance: cosine}",
      schedule: "halve-on-rise: {}", weightAveraging: "{decay: 0.7}",
      layers: "batch-normalization: {}"),
    SmallRecipe(
      sampler: "samples: {per-epoch: 13}", loss: "arcface: {scale: 8}",
      optimizer: "adam: {rate: 0.001}", batch: 4, units: "units: 12, l2: 0.01"),
    SmallRecipe(
      sampler: "samples: {per-epoch: 12, balance: sqrt}",
      loss: "cosface: {margin: 0.2, scale: 8, kernel-initializer: {glorot-uniform: {}}, l2: 0.1}",
      optimizer: "adamw: {rate: 0.001, decay: 0.01}", batch: 4),
    SmallRecipe(sampler: identities, loss: "arcface: {scale: 8}", batch: 4),
    // The last step of an epoch is short: 8, 8 and 4 pairs.
    SmallRecipe(
      sampler: "balanced: {pairs-per-epoch: 20}", loss: "contrastive: {margin: 1}", batch: 8,
      layers: "batch-normalization: {momentum: 0.5}"),
  ]

  @Test(
    "that goes on ends in the same bits as one that was never stopped",
    arguments: recipes.indices, [1, 2, 5])
  func resumes(index: Int, stop: Int) throws {
    let recipe = Self.recipes[index]
    #expect(try run(recipe, "whole").steps == 9)
    _ = try run(recipe, "parts", steps: stop)
    #expect(try run(recipe, "parts", resumed: true).steps == 9 - stop)
    func digest(_ name: String) throws -> String {
      Digest.sha256(
        try Data(contentsOf: URL(fileURLWithPath: scratch.file("\(name)/checkpoint.safetensors"))))
    }
    #expect(try digest("whole") == digest("parts"))
    #expect(try lines("whole") == lines("parts") && lines("whole").count == 12)
    let embedder = try Embedder(
      run: RunFolder(path: scratch.file("parts")), recipe: recipe.parsed(), catalog: catalog)
    let scores = try embedder.scores(of: catalog.pairs(of: "p", Part(role: .test)))
    #expect(scores.allSatisfy(\.isFinite) && Set(scores).count > 1)
    // 1 - cos is in 0...2.
    if try recipe.parsed().loss.distance == .cosine {
      #expect(scores.allSatisfy { (-2.000001...0.000001).contains($0) })
    }
  }

  @Test(
    "learns faces",
    arguments: [
      SmallRecipe(
        sampler: "identities: {identities: 3, samples: 3, batches-per-epoch: 5}",
        loss: "triplet: {mining: batch-hard, margin: 0.5}", epochs: 30),
      SmallRecipe(
        sampler: "identities: {identities: 3, samples: 3, batches-per-epoch: 5}",
        loss: "triplet: {mining: semi-hard}", epochs: 30),
      SmallRecipe(
        sampler: "samples: {per-epoch: 45}", loss: "arcface: {scale: 16}", batch: 9, epochs: 30),
      SmallRecipe(
        sampler: "samples: {per-epoch: 45, balance: sqrt}", loss: "cosface: {scale: 16}", batch: 9,
        epochs: 30),
    ])
  func learns(recipe: SmallRecipe) throws {
    var recipe = recipe
    recipe.optimizer = "adam: {rate: 0.005}"
    recipe.layers = "activation: {kind: linear}"
    let losses = try run(recipe, "learns").epochLosses
    // Batches are drawn anew for each step, so five epochs are taken together.
    let (first, last) = (losses.prefix(5).reduce(0, +), losses.suffix(5).reduce(0, +))
    #expect(last < 0.5 * first, "\(recipe.loss): \(first) to \(last)")
  }

  @Test("takes its momentum from the ramp")
  func ramp() throws {
    var recipe = Self.recipes[1]
    func weights(_ ramp: String?, _ name: String) throws -> [String: [Float]] {
      recipe.momentumRamp = ramp
      _ = try run(recipe, name)
      let folder = RunFolder(path: scratch.file(name))
      return try Checkpoint(folder).weights.mapValues(\.values)
    }
    let plain = try weights(nil, "plain")
    #expect(try weights("{from: 0.9, epochs: 2}", "level") == plain)
    #expect(try weights("{from: 0.5, epochs: 2}", "ramp") != plain)
  }

  @Test("tells loss, weight decay, active triplets and samples a second apart")
  func reports() throws {
    var recipe = Self.recipes[0]
    recipe.units = "units: 12, l2: 0.01"
    let parsed = try recipe.parsed()
    let summary = try run(recipe, "decay", steps: 2)
    #expect(summary.unit == .samples && summary.epochDecays.count == 1)
    let tower = try Tower(
      parsed.tower, input: parsed.inputShape, rows: 4, seed: 0, isTrainable: true)
    let kernel = try #require(tower.parameters.last { $0.shape.count == 2 })
    let expected = kernel.values.values.reduce(0.0) {
      $0 + Double(Float(0.01)) * Double($1) * Double($1)
    }
    let first = try #require(try lines("decay").first)
    #expect(abs((first["weight_decay"] ?? 0) - expected) < 1e-9 * expected)
    #expect((0...1).contains(first["active_fraction"] ?? -1))
    // What the loss of the data is does not depend on the decay.
    _ = try run(Self.recipes[0], "plain", steps: 2)
    #expect(try lines("plain").first?["loss"] == first["loss"])
    #expect(try lines("plain").allSatisfy { $0["weight_decay"] == nil })
    let pairs = try run(Self.recipes[6], "pairs", steps: 1)
    #expect(pairs.unit == .pairs && pairs.epochDecays.isEmpty)
    // What differs from run to run is in another file.
    #expect(try !text("pairs/metrics.jsonl").contains("second"))
    #expect(try text("pairs/timing.jsonl").contains("\"units_per_second\":"))
    #expect(try lines("pairs").first?["active_fraction"] == nil)
  }

  @Test("keeps which identity is which class, and goes on with no other")
  func classes() throws {
    let recipe = Self.recipes[3]
    _ = try run(recipe, "classes", steps: 4)
    let folder = RunFolder(path: scratch.file("classes"))
    #expect(try RunRecord.read(folder).classes == 6)
    let members = try Set(catalog.members(of: "p", Part(role: .train)))
    let table = try SampleTable(catalog).restricted(to: members)
    let expected = table.identities.map(\.name).sorted().enumerated().map {
      "{\"class\":\($0.offset),\"dataset\":\"orl\",\"identity\":\"\($0.element)\"}\n"
    }.joined()
    #expect(try text("classes/classes.jsonl") == expected)
    // Twelve units and six people.
    let weights = try Checkpoint(folder).weights["classes.kernel"]
    #expect(weights?.shape == [6, 12])

    let names = table.identities.map(\.name).sorted()
    let swapped = expected.replacingOccurrences(of: "\"\(names[0])\"", with: "\"someone\"")
    try swapped.write(toFile: folder.classes, atomically: true, encoding: .utf8)
    #expect(throws: TrainError.self) { try run(recipe, "classes", resumed: true) }
    try expected.write(toFile: folder.classes, atomically: true, encoding: .utf8)
    let record = try text("classes/run.json")
    try record.replacingOccurrences(of: "\"classes\" : 6", with: "\"classes\" : 5")
      .write(toFile: folder.record, atomically: true, encoding: .utf8)
    do {
      _ = try TrainingRun(
        recipe: try Recipe.parse(yaml: recipe.yaml, path: "r"), catalog: catalog,
        protocolName: "p", seed: 0, machine: machine, folder: folder, isResumed: true)
      Issue.record("another number of classes was taken")
    } catch {
      guard case TrainError.differentRun = error else {
        Issue.record("\(error)")
        return
      }
    }
    try record.write(toFile: folder.record, atomically: true, encoding: .utf8)
    #expect(try run(recipe, "classes", resumed: true).steps == 5)
  }

  @Test(
    "refuses a loss on a sampler or a head that does not fit, and says what would",
    arguments: [
      (identities, "contrastive: {margin: 1}", nil, "sampler: {balanced:"),
      ("samples: {}", "cosine-embedding: {}", nil, "sampler: {balanced:"),
      ("samples: {}", "triplet: {mining: all}", nil, "sampler: {identities:"),
      ("balanced: {pairs-per-epoch: 20}", "triplet: {mining: all}", nil, "sampler: {identities:"),
      ("balanced: {pairs-per-epoch: 20}", "arcface: {}", nil, "sampler: {samples: {}}"),
      ("balanced: {pairs-per-epoch: 20}", "binary-cross-entropy: {}", nil, "head: {weighted"),
      (identities, "binary-cross-entropy: {}", "weighted-difference: {}", "sampler: {balanced:"),
      (identities, "triplet: {mining: all}", "weighted-difference: {}", "leave head out"),
      ("samples: {}", "cosface: {}", "weighted-difference: {}", "leave head out"),
      (
        "identities: {identities: 7, samples: 3, batches-per-epoch: 1}", "arcface: {}", nil, "has 6"
      ),
      (
        "identities: {identities: 2, samples: 4, batches-per-epoch: 1}", "arcface: {}", nil, "has 0"
      ),
      ("samples: {per-epoch: 3}", "arcface: {}", nil, "larger than an epoch"),
    ] as [(String, String, String?, String)])
  func misfits(sampler: String, loss: String, head: String?, says: String) throws {
    let recipe = SmallRecipe(
      sampler: sampler, loss: loss, head: head, batch: sampler.hasPrefix("ident") ? nil : 4)
    do {
      _ = try training(recipe, "misfit")
      Issue.record("it was taken")
    } catch NeuralError.badOption(_, let reason) {
      #expect(reason.contains(says), "\(reason)")
    }
    #expect(!FileManager.default.fileExists(atPath: scratch.file("misfit")))
  }
}

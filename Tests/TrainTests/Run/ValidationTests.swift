import Catalog
import Evaluate
import Foundation
import Neural
import Pairs
import TestSupport
import Testing

@testable import Train

/// What is evaluated during a training, on people who neither train nor test.
@Suite("The evaluation during a training", .serialized)
struct ValidationTests {
  private let faces: SmallFaces

  init() async throws {
    faces = try await SmallFaces()
    try faces.add(
      IdentitySplit(train: 0.375, validation: 0.375, seed: 0, isExact: true), name: "v")
  }

  private func recipe(_ evaluation: String, epochs: Int = 3, rate: String = "0.001") throws
    -> Recipe
  {
    try Recipe.parse(
      yaml: SmallFaces.recipe("evaluation: {\(evaluation)}").yaml, path: "r",
      settings: [("epochs", "\(epochs)"), ("optimizer.rmsprop.rate", rate)])
  }

  @discardableResult
  private func run(
    _ name: String, _ recipe: Recipe, resumed: Bool = false, steps: Int = .max,
    protocolName: String = "v"
  ) throws -> [TrainingEvent] {
    var events: [TrainingEvent] = []
    _ = try TrainingRun(
      recipe: recipe, catalog: faces.catalog, protocolName: protocolName, seed: 0,
      machine: faces.machine, folder: faces.folder(name), isResumed: resumed
    ).train(maxSteps: steps) { events.append($0) }
    return events
  }

  private func evaluations(_ name: String) throws -> [ValidationReport] {
    try MetricsFile.evaluations(of: faces.folder(name))
  }

  @Test("is that of the weights at the time, as an evaluation afterwards computes it")
  func agrees() throws {
    let recipe = try recipe("pairs: 1000, ways: 3, trials: 20")
    try run("run", recipe)
    let last = try #require(try evaluations("run").last)
    #expect(last.evaluatedStep == 9 && last.epoch == 3)
    try? FileManager.default.removeItem(atPath: faces.folder("run").bestCheckpoint)
    let embedder = try Embedder(
      run: faces.folder("run"), recipe: recipe, catalog: faces.catalog)
    let all = try faces.catalog.pairs(of: "v", Part(role: .validation))
    let half = all.count { $0.genuine }
    #expect(half < all.count - half)
    // As many impostor as genuine pairs, chosen by the seed.
    let pairs = try chosen()
    #expect(pairs.count == 2 * half && Set(pairs).isSubset(of: all))
    #expect(pairs.count { $0.genuine } == half)
    let comparisons = try embedder.embeddings(of: pairs.flatMap { [$0.left, $0.right] })
      .comparisons(of: pairs, fold: 0)
    let expected = try #require(Evaluation(comparisons))
    #expect(abs((last.accuracy ?? 0) - expected.accuracy) < 1e-9)
    #expect(abs((last.auc ?? 0) - expected.roc.auc) < 1e-9)
    #expect(abs((last.eer ?? 0) - expected.roc.equalError.rate) < 1e-9)
    #expect(last.oneShot != nil && last.f1 != nil)
    // The loss of the validation pairs: the mean of the contrastive loss over them.
    let loss =
      zip(pairs, comparisons).reduce(0.0) { sum, item in
        let d = -item.1.score
        return sum + (item.0.genuine ? d * d : pow(max(1 - d, 0), 2))
      } / Double(pairs.count)
    #expect(abs(Double(last.validationLoss ?? 0) - loss) < 1e-5)
  }

  /// The pairs that the evaluations of seed 0 use.
  private func chosen() throws -> [Pair] {
    let recipe = try recipe("pairs: 1000")
    let network = try TrainedNetwork(
      recipe, classes: 3, stepsPerEpoch: 3, options: TrainingOptions())
    let data = try TrainingData(StoreSet([faces.catalog]), protocolName: "v")
    let validator = try Validator(
      EvaluationPlan.default, data: data, seed: 0, network: network
    ) {
      try BatchReader(data.stores, recipe: recipe, rows: recipe.rows)
    }
    return try #require(validator).pairs
  }

  @Test("never sees people who train or test")
  func disjoint() throws {
    let data = try TrainingData(StoreSet([faces.catalog]), protocolName: "v")
    let names = Set(data.validation.identities.map(\.name))
    #expect(names.isDisjoint(with: data.training.identities.map(\.name)))
    let tested = Set(try faces.catalog.members(of: "v", Part(role: .test)))
    #expect(tested.isDisjoint(with: data.validation.ids) && !names.isEmpty)
  }

  @Test("comes at its own cadence, and the best checkpoint is that of the best figure")
  func cadence() throws {
    let recipe = try recipe("every-steps: 2, best: accuracy")
    try run("run", recipe)
    let reports = try evaluations("run")
    #expect(reports.map(\.evaluatedStep) == [2, 4, 6, 8])
    let best = try #require(reports.last { $0.isBest == true })
    #expect(best.accuracy == reports.compactMap(\.accuracy).max())
    let kept = try Checkpoint(
      faces.folder("run"), path: faces.folder("run").bestCheckpoint)
    #expect(kept.state.step == best.evaluatedStep)
    // Others that are as good later do not replace it.
    #expect(reports.count { $0.isBest == true && $0.accuracy == best.accuracy } == 1)
  }

  @Test(
    "warns of steps after the last evaluation",
    arguments: [
      (1, nil), (2, "the last 1 of 9 steps"), (3, nil), (4, "the last 1 of 9 steps"),
      (7, "the last 2 of 9 steps"), (9, nil), (10, "no weights are evaluated"),
    ] as [(Int, String?)])
  func lastSteps(interval: Int, warning: String?) throws {
    let warnings = try run("run", recipe("every-steps: \(interval)")).compactMap {
      if case .warning(let text) = $0, text.contains("evaluat") { text } else { nil }
    }
    #expect(warnings.count == (warning == nil ? 0 : 1))
    #expect(warnings.allSatisfy { $0.contains(warning ?? "") })
    // What the warning is for: the weights that are kept are those of an evaluation.
    let last = 9 / interval * interval
    #expect(try evaluations("run").last?.evaluatedStep == (last > 0 ? last : nil))
  }

  @Test("stops a training that gets no better, and it stays stopped", arguments: [1, 3])
  func patience(patience: Int) throws {
    // A rate of nearly nothing: no figure changes after the first.
    let recipe = try recipe(
      "every-steps: 1, best: accuracy, patience: \(patience)", rate: "1.0e-30")
    let events = try run("run", recipe)
    let steps = events.count { if case .step = $0 { true } else { false } }
    #expect(steps == 1 + patience)
    #expect(
      events.contains {
        if case .warning(let text) = $0 { text.contains("stops early") } else { false }
      }
    )
    #expect(try run("run", recipe, resumed: true).isEmpty)
    #expect(try Checkpoint(faces.folder("run")).state.step == 1 + patience)
  }

  @Test(
    "and the training itself go on in the middle of an interval to the same bits", arguments: 1...8)
  func resumes(stop: Int) throws {
    let recipe = try recipe("every-steps: 4, ways: 3, trials: 5, best: one-shot, patience: 99")
    try run("whole", recipe)
    try run("parts", recipe, steps: stop)
    try run("parts", recipe, resumed: true)
    #expect(try faces.checkpoint("whole") == faces.checkpoint("parts"))
    func text(_ name: String, _ file: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: "\(faces.folder(name).path)/\(file)"))
    }
    #expect(try text("whole", "metrics.jsonl") == text("parts", "metrics.jsonl"))
    #expect(try text("whole", "best.safetensors") == text("parts", "best.safetensors"))
  }

  @Test("keeps best weights only of steps that a checkpoint has")
  func bestIsSaved() throws {
    let recipe = try recipe("every-steps: 1")
    var steps: [(step: Int, isBest: Bool)] = []
    let training = try TrainingRun(
      recipe: recipe, catalog: faces.catalog, protocolName: "v", seed: 0, machine: faces.machine,
      folder: faces.folder("run"), isResumed: false)
    _ = try training.train { event in
      switch event {
      case .evaluation(let report): steps.append((report.evaluatedStep, report.isBest == true))
      case .step:
        // What is in the folder after the step before.
        guard let last = steps.last, last.isBest else { return }
        let saved = try? Checkpoint(faces.folder("run")).state.step
        #expect(saved == last.step)
      default: break
      }
    }
    #expect(steps.contains { $0.isBest && $0.step % 3 != 0 })
  }

  @Test("is doubted, with a warning, if people train in one store and validate in another")
  func severalStores() async throws {
    let other = try await SmallFaces()
    func warnings() throws -> [String] {
      var warnings: [String] = []
      _ = try TrainingRun(
        recipe: recipe("every-steps: 1"),
        data: TrainingData(StoreSet([faces.catalog, other.catalog]), protocolName: "v"),
        options: TrainingOptions(), machine: faces.machine,
        folder: faces.folder(UUID().uuidString)
      ).train(maxSteps: 1) { if case .warning(let text) = $0 { warnings.append(text) } }
      return warnings
    }
    func people(_ faces: SmallFaces, _ role: Role) throws -> Set<String> {
      let ids = Set(try faces.catalog.members(of: "v", Part(role: role)))
      return Set(try SampleTable(faces.catalog).restricted(to: ids).identities.map(\.name))
    }
    try other.add(
      IdentitySplit(train: 0.375, validation: 0.375, seed: 0, isExact: true), name: "v")
    #expect(try warnings().isEmpty)
    try other.catalog.deleteProtocol("v")
    // Another division of the same eight people: who validates in the first store trains.
    let own = try people(faces, .validation)
    try other.add(
      IdentitySplit(
        train: 1, validation: 0, seed: 0,
        testIdentities: Set((1...8).map { "s\($0)" }.filter { !own.contains($0) }.map(UTF8Key.init))
      ),
      name: "v")
    let shared = try people(other, .train).intersection(own)
    #expect(!shared.isEmpty)
    #expect(
      try warnings().contains {
        $0.hasPrefix("people who train in one store and validate in another: \(shared.count).")
      })
  }

  @Test("is left out, with a warning, if the listed pairs are of one kind")
  func oneKind() throws {
    let ids = try SampleTable(faces.catalog).ids
    try faces.catalog.add(
      ProtocolRecord(
        name: "genuine", kind: "list", specification: "{}",
        members: [
          Part(role: .train): Array(ids[0..<12]), Part(role: .validation): Array(ids[12..<18]),
        ],
        pairs: [Part(role: .validation): [Pair(left: ids[12], right: ids[13], genuine: true)]]))
    var warnings: [String] = []
    _ = try TrainingRun(
      recipe: SmallFaces.recipe(), catalog: faces.catalog, protocolName: "genuine", seed: 0,
      machine: faces.machine, folder: faces.folder("genuine"), isResumed: false
    ).train { if case .warning(let text) = $0 { warnings.append(text) } }
    #expect(warnings.count { $0.contains("all genuine or all impostor pairs") } == 1)
  }

  @Test("is left out without a validation side, and training losses are still recorded")
  func none() throws {
    try run("run", SmallFaces.recipe(), protocolName: "p")
    let reports = try evaluations("run")
    #expect(reports.count == 3)
    #expect(reports.allSatisfy { $0.accuracy == nil && $0.isBest == nil && $0.trainingLoss > 0 })
    #expect(reports.allSatisfy { ($0.trainingAccuracy ?? 0) >= 0.5 })
    #expect(!FileManager.default.fileExists(atPath: faces.folder("run").bestCheckpoint))
  }

  @Test("of a run that was stopped before its first checkpoint leaves nothing to the next run")
  func leftResults() throws {
    try run("run", recipe("every-steps: 1"), steps: 2)
    #expect(FileManager.default.fileExists(atPath: faces.folder("run").bestCheckpoint))
    try FileManager.default.removeItem(atPath: faces.folder("run").checkpoint)
    try run("run", SmallFaces.recipe(), protocolName: "p")
    #expect(!FileManager.default.fileExists(atPath: faces.folder("run").bestCheckpoint))
  }

  @Test("refuses a validation side that is too small for its trials")
  func tooSmall() throws {
    #expect(throws: TrainError.self) { try run("run", recipe("ways: 30")) }
    #expect(!faces.folder("run").exists)
  }

  @Test("draws its curves, training and validation, as SVG and PNG")
  func curves() throws {
    try run("run", recipe("pairs: 100"))
    for name in ["loss", "accuracy"] {
      let folder = faces.folder("run").path
      let svg = try String(contentsOfFile: "\(folder)/\(name).svg", encoding: .utf8)
      #expect(svg.components(separatedBy: "<polyline").count == 3)
      #expect(svg.contains("training") && svg.contains("validation") && !svg.contains("var("))
      let png = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).png"))
      #expect(png.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
    }
  }
}

import Catalog
import Foundation
import Neural
import Pairs
import Shards
import TestSupport
import Testing

@testable import Train

@Suite("Trained weights to begin with", .serialized)
struct InitialWeightsTests {
  private let faces: SmallFaces

  init() async throws { faces = try await SmallFaces() }

  private func train(
    _ name: String, _ recipe: Recipe, from path: String? = nil, steps: Int = .max
  ) throws {
    var options = TrainingOptions()
    options.seed = 7
    options.initial = try path.map { try InitialWeights(path: $0) }
    _ = try TrainingRun(
      recipe: recipe, data: TrainingData(StoreSet([faces.catalog]), protocolName: "p"),
      options: options, machine: faces.machine, folder: faces.folder(name)
    ).train(maxSteps: steps) { _ in }
  }

  private func weights(_ name: String) throws -> [String: [Float]] {
    try Checkpoint(faces.folder(name)).weights.mapValues(\.values)
  }

  private func recipe(_ settings: [(key: String, value: String)] = []) throws -> Recipe {
    try Recipe.parse(
      yaml: SmallFaces.recipe().yaml, path: "r",
      settings: [("tower", "[flatten: {}, dense: {units: 9}, dense: {units: 6}]")] + settings)
  }

  @Test("are those of the run, whole or of a file, and the record says so")
  func begins() throws {
    try train("first", recipe())
    let still = try recipe([("optimizer.rmsprop.rate", "1.0e-30")])
    try train("second", still, from: faces.folder("first").path, steps: 1)
    #expect(try weights("second") == weights("first"))
    // A copy elsewhere: nothing beside it says whose weights they are.
    let copy = faces.scratch.file("weights.safetensors")
    try FileManager.default.copyItem(atPath: faces.folder("first").checkpoint, toPath: copy)
    try train("third", still, from: copy, steps: 1)
    #expect(try weights("third") == weights("first"))
    try train("drawn", still, steps: 1)
    #expect(try weights("drawn") != weights("first"))
    let (second, third) = try (
      RunRecord.read(faces.folder("second")), RunRecord.read(faces.folder("third"))
    )
    #expect(second.initialWeights == third.initialWeights && second.initialWeights != nil)
    // Whom a run was trained on is known, and of a file it is not.
    #expect(second.initialWeightsUnknown == nil && third.initialWeightsUnknown == true)
    // The next run inherits that, and a checkpoint in a run's folder is that run's.
    try train("fourth", still, from: faces.folder("third").checkpoint, steps: 1)
    #expect(try RunRecord.read(faces.folder("fourth")).initialWeightsUnknown == true)
    try train("fifth", still, from: faces.folder("first").checkpoint, steps: 1)
    #expect(try RunRecord.read(faces.folder("fifth")).initialWeightsUnknown == nil)
    #expect(try TrainedOn(faces.folder("fifth")).people.count == 6)
  }

  @Test("stay as they are in frozen layers, and change in the others")
  func freezes() throws {
    try train("first", recipe())
    try train("second", recipe([("freeze", "2")]), from: faces.folder("first").path)
    let (first, second) = try (weights("first"), weights("second"))
    #expect(second["1.kernel"] == first["1.kernel"] && second["1.bias"] == first["1.bias"])
    #expect(second["2.kernel"] != first["2.kernel"])
    #expect(throws: NeuralError.self) { try train("third", recipe([("freeze", "4")])) }
  }

  @Test("keep the running means of a frozen batch normalisation")
  func frozenMeans() throws {
    let layers = "[flatten: {}, dense: {units: 9}, batch-normalization: {}, dense: {units: 6}]"
    let plain = try recipe([("tower", layers)])
    try train("first", plain)
    try train(
      "second", recipe([("tower", layers), ("freeze", "3")]), from: faces.folder("first").path)
    let (first, second) = try (weights("first"), weights("second"))
    for (name, values) in first where name.hasPrefix("2.") { #expect(second[name] == values) }
    try train("free", plain, from: faces.folder("first").path)
    #expect(try weights("free") != second)
  }

  @Test("make the people of the first run people of the second")
  func contamination() throws {
    try train("first", recipe())
    try train("second", recipe(), from: faces.folder("first").path)
    let both = try TrainedOn(faces.folder("second"))
    #expect(try both.people == TrainedOn(faces.folder("first")).people && both.people.count == 6)
    // A protocol that tests people of the first run.
    try faces.add(
      IdentitySplit(train: 0.5, validation: 0, seed: 0, testIdentities: ["s1", "s8"]), name: "q")
    let initial = try InitialWeights(path: faces.folder("first").path)
    let stores = StoreSet([faces.catalog])
    #expect(throws: TrainError.self) {
      try initial.refuseContamination(of: TrainingData(stores, protocolName: "q"))
    }
    try initial.refuseContamination(of: TrainingData(stores, protocolName: "p"))
  }

  @Test("of the classes of a loss stay as drawn: they belong to other people")
  func classes() throws {
    let cosface: [(key: String, value: String)] = [
      ("sampler", "{samples: {per-epoch: 16}}"), ("loss", "{cosface: {scale: 8}}"), ("batch", "8"),
    ]
    let still = cosface + [("optimizer.rmsprop.rate", "1.0e-30")]
    try train("first", recipe(cosface))
    try train("second", recipe(still), from: faces.folder("first").path, steps: 1)
    try train("drawn", recipe(still), steps: 1)
    let (first, second, drawn) = try (weights("first"), weights("second"), weights("drawn"))
    #expect(second["classes.kernel"] == drawn["classes.kernel"])
    #expect(second["1.kernel"] == first["1.kernel"] && second["1.kernel"] != drawn["1.kernel"])
  }

  @Test("need not be named again when the run is resumed")
  func resumes() throws {
    try train("first", recipe())
    try train("whole", recipe(), from: faces.folder("first").path)
    try train("parts", recipe(), from: faces.folder("first").path, steps: 4)
    try FileManager.default.removeItem(atPath: faces.folder("first").path)
    _ = try TrainingRun(
      recipe: recipe(), catalog: faces.catalog, protocolName: "p", seed: 7,
      machine: faces.machine, folder: faces.folder("parts"), isResumed: true
    ).train { _ in }
    #expect(try faces.checkpoint("parts") == faces.checkpoint("whole"))
  }

  @Test("are refused if they do not fit, and nothing is written")
  func refuses() throws {
    try train("first", recipe())
    func failure(_ path: String, _ recipe: Recipe) -> String {
      do {
        try train("x", recipe, from: path)
        return "none"
      } catch { return "\(error)" }
    }
    let narrow = try recipe([("tower.1.dense.units", "8")])
    #expect(failure(faces.folder("first").path, narrow).contains("has the shape"))
    #expect(try failure(faces.folder("missing").path, recipe()).contains("no such file"))
    #expect(try failure(faces.catalog.folder.shard(0), recipe()).contains("float tensors"))
    #expect(!faces.folder("x").exists)
  }
}

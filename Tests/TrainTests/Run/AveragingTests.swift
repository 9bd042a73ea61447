import Catalog
import Foundation
import Neural
import Pairs
import Testing

@testable import Train

@Suite("Averages of weights and of mirrored images", .serialized)
struct AveragingTests {
  private static let tower = """
      - convolution: {filters: 4, kernel: 3, activation: relu}
      - batch-normalization: {momentum: 0.5}
      - flatten: {}
      - dense: {units: 6}
    """
  private static let averaging = "weight-averaging: {decay: 0.8}"

  /// The embeddings of all samples.
  private func embeddings(_ faces: SmallFaces, _ name: String, _ recipe: Recipe) throws -> [Float] {
    try Embedder(run: faces.folder(name), recipe: recipe, catalog: faces.catalog)
      .embeddings(of: 0..<24).rows.values
  }

  @Test("the averages are those of the weights after each step, and are what is evaluated")
  func averages() async throws {
    let faces = try await SmallFaces()
    let plain = try SmallFaces.recipe(tower: Self.tower)
    let averaged = try SmallFaces.recipe(Self.averaging, tower: Self.tower)
    let first = try TrainedNetwork(
      plain, classes: 0, stepsPerEpoch: 3, options: TrainingOptions())
    var expected = Dictionary(
      uniqueKeysWithValues: first.parameters.map { ($0.name, $0.values.values.map(Double.init)) })
    for step in 1...9 {
      try faces.run("plain", plain, resumed: step > 1, steps: 1)
      let decay = min(Double(Float(0.8)), Double(1 + step) / Double(10 + step))
      for (key, tensor) in try Checkpoint(faces.folder("plain")).weights {
        let old = try #require(expected[key])
        expected[key] = zip(old, tensor.values).map { decay * $0 + (1 - decay) * Double($1) }
      }
    }
    try faces.run("averaged", averaged)
    let checkpoint = try Checkpoint(faces.folder("averaged"))
    // Averages have no part in the steps.
    let weights = try Checkpoint(faces.folder("plain")).weights.mapValues(\.values)
    #expect(checkpoint.weights.mapValues(\.values) == weights)
    #expect(Set(checkpoint.averages.keys) == Set(expected.keys))
    for (key, values) in expected {
      let found = try #require(checkpoint.averages[key]?.values)
      #expect(zip(found, values).allSatisfy { abs(Double($0) - $1) < 1e-5 }, "\(key)")
    }
    let network = try InferenceNetwork(run: faces.folder("averaged"), recipe: averaged, rows: 1)
    #expect(network.weights.allSatisfy { $1 == checkpoint.averages[$0]?.values })
    #expect(try embeddings(faces, "averaged", averaged) != embeddings(faces, "plain", plain))
  }

  @Test("the validation uses the averages, and leaves the weights as they are")
  func validation() async throws {
    let faces = try await SmallFaces()
    try faces.add(
      IdentitySplit(train: 0.375, validation: 0.375, seed: 0, isExact: true), name: "v")
    let recipe = try SmallFaces.recipe(Self.averaging, tower: Self.tower)
    let folder = faces.folder("validated")
    _ = try TrainingRun(
      recipe: recipe, catalog: faces.catalog, protocolName: "v", seed: 0, machine: faces.machine,
      folder: folder, isResumed: false
    ).train { _ in }
    let last = try #require(try MetricsFile.evaluations(of: folder).last)
    let data = try TrainingData(StoreSet([faces.catalog]), protocolName: "v")
    let validator = try #require(
      try Validator(
        .default, data: data, seed: 0,
        network: TrainedNetwork(recipe, classes: 0, stepsPerEpoch: 3, options: TrainingOptions())
      ) { try BatchReader(data.stores, recipe: recipe, rows: recipe.rows) })
    // The newest checkpoint, whether it was the best or not.
    try? FileManager.default.removeItem(atPath: folder.bestCheckpoint)
    let newest = try Embedder(run: folder, recipe: recipe, catalog: faces.catalog)
    let set = try newest.embeddings(of: validator.pairs.flatMap { [$0.left, $0.right] })
    let loss = try #require(try newest.loss(of: validator.pairs, set))
    #expect(abs(loss - (last.validationLoss ?? 0)) < 1e-5)
  }

  @Test("a run with averages goes on with them, and not without")
  func resumes() async throws {
    let faces = try await SmallFaces()
    let recipe = try SmallFaces.recipe(Self.averaging, tower: Self.tower)
    try faces.run("whole", recipe)
    try faces.run("parts", recipe, steps: 4)
    try faces.run("parts", recipe, resumed: true)
    #expect(try faces.checkpoint("whole") == faces.checkpoint("parts"))
    #expect(throws: (any Error).self) {
      try faces.run("parts", try SmallFaces.recipe(tower: Self.tower), resumed: true)
    }
    // Another training that begins with this one takes the averages.
    let weights = try InitialWeights(path: faces.folder("whole").path)
    let network = try TrainedNetwork(
      recipe, classes: 0, stepsPerEpoch: 3, options: TrainingOptions())
    try weights.load(into: network.tower.parameters, others: [])
    let averages = try Checkpoint(faces.folder("whole")).averages
    #expect(network.tower.parameters.allSatisfy { $0.values.values == averages[$0.name]?.values })
  }

  @Test("the averages of a training that begins with trained weights begin with them")
  func initial() async throws {
    let faces = try await SmallFaces()
    let recipe = try SmallFaces.recipe(Self.averaging, tower: Self.tower)
    try faces.run("first", try SmallFaces.recipe(tower: Self.tower))
    var options = TrainingOptions()
    options.initial = try InitialWeights(path: faces.folder("first").path)
    _ = try TrainingRun(
      recipe: recipe, data: TrainingData(StoreSet([faces.catalog]), protocolName: "p"),
      options: options, machine: faces.machine, folder: faces.folder("second")
    ).train(maxSteps: 1) { _ in }
    let before = try Checkpoint(faces.folder("first")).weights
    let after = try Checkpoint(faces.folder("second"))
    for (key, tensor) in after.weights {
      let (old, found) = (
        try #require(before[key]?.values), try #require(after.averages[key]?.values)
      )
      // The first step keeps 2 / 11.
      let expected = zip(old, tensor.values).map { (2 * Double($0) + 9 * Double($1)) / 11 }
      #expect(zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 }, "\(key)")
    }
  }

  @Test("an embedding is the mean of those of the image and its mirror image")
  func flips() async throws {
    let faces = try await SmallFaces()
    for normalization in ["unit", "standardize", "lcn", "zca"] {
      let plain = try SmallFaces.recipe("normalization: {\(normalization): {}}", tower: Self.tower)
      let flipped = try SmallFaces.recipe(
        "normalization: {\(normalization): {}}\nflip-averaging: true", tower: Self.tower)
      try faces.run("plain-\(normalization)", plain)
      let folder = faces.folder("plain-\(normalization)")
      let mean = try embeddings(faces, "plain-\(normalization)", flipped)
      // Images that are not in a store can be mirrored by hand.
      let pixels = try PixelEmbedder(run: folder, recipe: plain)
      let images = try (0..<24).map { try faces.sample($0) }
      let mirrored = images.map { image in
        (0..<14).flatMap { y in (0..<12).map { image[12 * y + 11 - $0] } }
      }
      let (own, other) = (
        try pixels.embeddings(of: images).values, try pixels.embeddings(of: mirrored).values
      )
      #expect(own != other)
      // Sums over a batch of another size have another order.
      #expect(zip(mean, zip(own, other)).allSatisfy { abs($0 - ($1.0 + $1.1) / 2) < 1e-5 })
      let averaged = try PixelEmbedder(run: folder, recipe: flipped).embeddings(of: images).values
      #expect(averaged == zip(own, other).map { ($0 + $1) / 2 })
    }
  }
}

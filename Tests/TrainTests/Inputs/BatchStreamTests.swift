import Catalog
import Foundation
import Neural
import Pairs
import Shards
import TestSupport
import Testing

@testable import Train

/// Batches prepared by a second thread, from one store or several.
@Suite("The stream of batches")
struct BatchStreamTests {
  private let faces: SmallFaces
  private let other: SmallFaces

  init() async throws {
    faces = try await SmallFaces()
    other = try await SmallFaces(except: Set(1...8))
  }

  private func reader(_ stores: StoreSet, _ recipe: Recipe) throws -> BatchReader {
    let reader = try BatchReader(stores, recipe: recipe, rows: recipe.rows)
    try reader.fit([])
    return reader
  }

  private static let samples = """
    augmentation: [flip: {}, shift: {pixels: 1}]
    """

  @Test("gives what the reader gives, in order, also when it gets ahead")
  func agrees() throws {
    let recipe = try SmallFaces.recipe(Self.samples)
    let data = try TrainingData(StoreSet([faces.catalog]), protocolName: "p")
    var planner = try StepPlanner(recipe, data: data, seed: 5)
    let count = recipe.rows * recipe.inputShape.count
    let stream = BatchStream(
      try reader(data.stores, recipe), planner: planner, steps: 1..<7, bufferCount: count, seed: 5)
    defer { stream.stop() }
    let plain = try reader(data.stores, recipe)
    let target = FloatBuffer(count: count)
    for step in 1..<7 {
      if step == 3 { Thread.sleep(forTimeInterval: 0.05) }
      let batch = try stream.next()
      let plan = planner.plan(epoch: step / 3, step: step % 3)
      #expect(batch.step == step && batch.plan.samples == plan.samples)
      try plain.read(
        plan.samples.enumerated().map { (id: $1, row: $0) }, to: target,
        augmentedAt: Augmenter.Place(seed: 5, epoch: step / 3, step: step % 3))
      #expect(batch.input.values == target.values)
    }
  }

  @Test("ends when it is told, with batches left")
  func stops() throws {
    let recipe = try SmallFaces.recipe()
    let data = try TrainingData(StoreSet([faces.catalog]), protocolName: "p")
    let stream = BatchStream(
      try reader(data.stores, recipe), planner: try StepPlanner(recipe, data: data, seed: 0),
      steps: 0..<1_000_000, bufferCount: recipe.rows * recipe.inputShape.count, seed: 0)
    _ = try stream.next()
    stream.stop()
  }

  @Test("reads every sample of two stores once an epoch, from the store that its id names")
  func severalStores() throws {
    let stores = StoreSet([faces.catalog, other.catalog])
    let data = try TrainingData(stores, protocolName: "p")
    // The same people in both: six that train, with three images in each store.
    #expect(data.training.identities.count == 6 && data.training.ids.count == 36)
    #expect(data.training.identities.allSatisfy { $0.samples.count == 6 })
    let recipe = try Recipe.parse(
      yaml: SmallFaces.recipe().yaml, path: "r",
      settings: [
        ("sampler", "{samples: {}}"), ("loss", "{cosface: {}}"), ("batch", "4"),
        ("normalization", "{raw: {}}"),
      ])
    var planner = try StepPlanner(recipe, data: data, seed: 1)
    #expect(planner.stepsPerEpoch == 9)
    for epoch in 0..<2 {
      let seen = (0..<9).flatMap { planner.plan(epoch: epoch, step: $0).samples }
      #expect(seen.sorted() == data.training.ids.sorted() && seen != seen.sorted())
    }
    let reader = try reader(stores, recipe)
    let target = FloatBuffer(count: recipe.inputShape.count)
    for id in data.training.ids {
      try reader.read([(id, 0)], to: target, augmentedAt: nil)
      let (store, own) = StoreSet.split(id)
      let bytes = try [faces, other][store].sample(own)
      #expect(target.values == bytes.map(Float.init))
    }
    // The order depends on which store comes first, and on nothing else.
    let swapped = try TrainingData(
      StoreSet([other.catalog, faces.catalog]), protocolName: "p")
    #expect(swapped.training.ids.sorted() == data.training.ids.sorted())
    #expect(try StoreSet([faces.catalog, other.catalog]).digest().contains("+"))
  }

  @Test("trains on two stores, and the record names both and the people of both")
  func trainsOnTwo() throws {
    let folder = RunFolder(path: faces.scratch.file("two"))
    var options = TrainingOptions()
    options.seed = 2
    let data = try TrainingData(
      StoreSet([faces.catalog, other.catalog]), protocolName: "p")
    _ = try TrainingRun(
      recipe: SmallFaces.recipe(), data: data, options: options, machine: faces.machine,
      folder: folder
    ).train { _ in }
    let record = try RunRecord.read(folder)
    #expect(
      try record.storeDigest == "\(faces.catalog.digest())+\(other.catalog.digest())")
    #expect(try TrainedOn(folder).images.count == 36)
  }

  @Test("is not made of stores whose samples differ")
  func differentStores() async throws {
    let scratch = try TemporaryFolder()
    let large = try await FaceStore.make(in: scratch)
    #expect(throws: TrainError.self) { try StoreSet([faces.catalog, large]).shape() }
  }

  @Test("ends in an error, and not in a signal, when a shard is cut while it is read")
  func truncated() throws {
    let recipe = try SmallFaces.recipe()
    let data = try TrainingData(StoreSet([faces.catalog]), protocolName: "p")
    let reader = try reader(data.stores, recipe)
    let target = FloatBuffer(count: recipe.rows * recipe.inputShape.count)
    let ids = data.training.ids
    try reader.read([(ids[0], 0)], to: target, augmentedAt: nil)
    let path = faces.catalog.folder.shard(0)
    #expect(truncate(path, 2_000) == 0)
    #expect(throws: ShardError.self) {
      try reader.read([(ids[ids.count - 1], 0)], to: target, augmentedAt: nil)
    }
  }

  @Test("checks each shard's hash on first use, unless told not to")
  func verifies() throws {
    let recipe = try SmallFaces.recipe()
    let stores = StoreSet([faces.catalog])
    let path = faces.catalog.folder.shard(0)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    let target = FloatBuffer(count: recipe.rows * recipe.inputShape.count)
    func read(verifies: Bool) throws {
      let reader = try BatchReader(
        stores, recipe: recipe, rows: recipe.rows, verifies: verifies)
      try reader.use(.none)
      try reader.read([(0, 0)], to: target, augmentedAt: nil)
    }
    #expect(throws: TrainError.self) { try read(verifies: true) }
    try read(verifies: false)
  }
}

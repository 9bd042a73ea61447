import Catalog
import Configuration
import Foundation
import Neural
import Shards
import Testing

@testable import Train

@Suite("The inputs of a training", .serialized)
struct InputTests {
  private static let everything =
    "augmentation: [koch-affine: {}, flip: {}, brightness: {factor: 0.1}]"

  @Test(
    "are the same to the bit when it goes on, however they are normalised and augmented",
    arguments: [
      "", "normalization: {symmetric: {}}", "normalization: {fixed-symmetric: {}}",
      "normalization: {standardize: {}}", "normalization: {lcn: {}}",
      "normalization: {lcn-subtract: {faithful: true}}", "normalization: {zca: {}}",
    ], [1, 4])
  func resumes(normalization: String, stop: Int) async throws {
    let faces = try await SmallFaces()
    let recipe = try SmallFaces.recipe("\(normalization)\n\(Self.everything)")
    #expect(try faces.run("whole", recipe).steps == 9)
    try faces.run("parts", recipe, steps: stop)
    #expect(try faces.run("parts", recipe, resumed: true).steps == 9 - stop)
    #expect(try faces.checkpoint("whole") == faces.checkpoint("parts"))
    // A stop before the first checkpoint begins again.
    try FileManager.default.removeItem(atPath: faces.folder("parts").checkpoint)
    #expect(try faces.run("parts", recipe, resumed: true).steps == 9)
    #expect(try faces.checkpoint("whole") == faces.checkpoint("parts"))
    #expect(try faces.scores("whole", recipe).allSatisfy(\.isFinite))
  }

  @Test("without a word on them are each byte times 1 / 255, in the rows asked for")
  func bytes() async throws {
    let faces = try await SmallFaces()
    let reader = try BatchReader(StoreSet([faces.catalog]), recipe: SmallFaces.recipe(), rows: 6)
    try reader.fit([])
    #expect(reader.statistics == .none)
    let target = FloatBuffer([Float](repeating: -5, count: 6 * 168))
    let items: [BatchReader.Item] = [(3, 0), (20, 1), (3, 3), (0, 5)]
    let place = Augmenter.Place(seed: 0, epoch: 0, step: 0)
    try reader.read(items, to: target, augmentedAt: place)
    for row in 0..<6 {
      let expected =
        try items.first { $0.row == row }
        .map { try faces.sample($0.id).map { Float($0) * (1 / 255) } }
        ?? [Float](repeating: -5, count: 168)
      #expect(Array(target.values[row * 168..<(row + 1) * 168]) == expected)
    }
  }

  @Test("are normalised by what the training images have, the tested ones being nothing to it")
  func trainingOnly() async throws {
    let faces = try await SmallFaces()
    let tested = try await SmallFaces(except: [7, 8])
    let trained = try await SmallFaces(except: [6])
    for kind in ["standardize", "lcn", "zca"] {
      let recipe = try SmallFaces.recipe("normalization: {\(kind): {}}")
      for store in [faces, tested, trained] { try store.run(kind, recipe, steps: 1) }
      let found = try [faces, tested, trained].map {
        try Checkpoint($0.folder(kind)).normalization
      }
      #expect(found[0] == found[1] && found[0] != found[2])
      #expect(!found[0].mean.isEmpty)
    }
    // By formula, over the images of s1 to s6 alone.
    let members = try faces.catalog.members(of: "p", Part(role: .train))
    #expect(members.count == 18)
    let values = try members.flatMap { try faces.sample($0) }.map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    let found = try Checkpoint(faces.folder("standardize")).normalization
    #expect(abs(Double(found.mean[0]) - mean) < 1e-4)
    #expect(abs(Double(found.deviation[0]) - variance.squareRoot()) < 1e-4)
  }

  @Test("are normalised at evaluation by what is stored with the weights")
  func stored() async throws {
    let faces = try await SmallFaces()
    let recipe = try SmallFaces.recipe("normalization: {standardize: {}}")
    try faces.run("run", recipe)
    let path = faces.folder("run").checkpoint
    let file = try TensorFile(path: path)

    // The scores, from the stored numbers alone: one dense layer, and minus the distance.
    func expected(mean: Double, deviation: Double) throws -> [Double] {
      let checkpoint = try Checkpoint(faces.folder("run"))
      let weights = try #require(checkpoint.weights["1.kernel"])
      let biases = try #require(checkpoint.weights["1.bias"])
      func embedding(_ id: Int) throws -> [Double] {
        let x = try faces.sample(id).map { (Double($0) - mean) / deviation }
        return (0..<6).map { unit in
          x.indices.reduce(Double(biases.values[unit])) {
            $0 + x[$1] * Double(weights.values[$1 * 6 + unit])
          }
        }
      }
      return try faces.catalog.pairs(of: "p", Part(role: .test)).map { pair in
        let (left, right) = try (embedding(pair.left), embedding(pair.right))
        return -zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      }
    }
    func compare(mean: Float, deviation: Float) throws {
      let scores = try faces.scores("run", recipe)
      #expect(scores.count == 15)
      for (score, plain) in zip(
        scores, try expected(mean: Double(mean), deviation: Double(deviation)))
      {
        // The distance is held from 0 by 1e-7 under its root.
        #expect(abs(score - plain) < 1e-3)
      }
    }
    let mean = try #require(file.tensors["normalization.mean"]?.values.first)
    let deviation = try #require(file.tensors["normalization.deviation"]?.values.first)
    try compare(mean: mean, deviation: deviation)
    let before = try faces.scores("run", recipe)

    var tensors = file.tensors
    tensors["normalization.deviation"] = TensorFile.Entry(shape: [1], values: [3 * deviation])
    try TensorFile(metadata: file.metadata, tensors: tensors).write(to: path)
    try compare(mean: mean, deviation: 3 * deviation)
    #expect(try faces.scores("run", recipe) != before)

    tensors["normalization.deviation"] = nil
    try TensorFile(metadata: file.metadata, tensors: tensors).write(to: path)
    #expect(throws: NeuralError.self) { try faces.scores("run", recipe) }
  }

  @Test("are augmented while training, and never at evaluation")
  func neverAtInference() async throws {
    let faces = try await SmallFaces()
    let plain = try SmallFaces.recipe()
    let wild = try SmallFaces.recipe(
      "augmentation: [rotation: {degrees: 90}, brightness: {factor: 0.9, offset: 99}]")
    try faces.run("plain", plain)
    try faces.run("wild", wild)
    #expect(try faces.checkpoint("plain") != faces.checkpoint("wild"))
    let scores = try faces.scores("wild", wild)
    #expect(try faces.scores("wild", plain) == scores)
    #expect(try faces.scores("wild", wild) == scores)
    #expect(Set(scores).count > 1)
  }

  @Test("of both sides of a pair are augmented by draws of their own, anew at every step")
  func pairs() async throws {
    let faces = try await SmallFaces()
    let recipe = try SmallFaces.recipe(Self.everything)
    let reader = try BatchReader(StoreSet([faces.catalog]), recipe: recipe, rows: 8)
    try reader.fit([])
    func rows(_ step: Int) throws -> Set<[Float]> {
      let target = FloatBuffer(count: 8 * 168)
      // The same sample on both sides of four pairs.
      try reader.read(
        (0..<8).map { (id: 2, row: $0) }, to: target,
        augmentedAt: Augmenter.Place(seed: 0, epoch: 0, step: step))
      return Set((0..<8).map { Array(target.values[$0 * 168..<($0 + 1) * 168]) })
    }
    let (first, second) = try (rows(0), rows(1))
    #expect(first.count == 8 && second.count == 8 && first.isDisjoint(with: second))
    #expect(try rows(0) == first)
  }

  private func failure(_ more: String) -> String {
    do {
      let recipe: Recipe
      do { recipe = try SmallFaces.recipe(more) } catch let error as TrainError {
        throw error
      } catch {
        return "\(error)"
      }
      return recipe.yaml.isEmpty ? "empty" : "taken"
    } catch {
      return (error as? ConfigurationError)?.reason ?? "\(error)"
    }
  }

  @Test("are described in the recipe, and what is not known is refused with the nearest")
  func yaml() throws {
    let recipe = try SmallFaces.recipe(
      "normalization: {lcn: {faithful: true}}\n"
        + "augmentation: [koch-affine: {rotation: 5, scale-from: 0.9, border: replicate}, "
        + "shift: {pixels: 1.5}, zoom: {from: 0.9, to: 1.1}, flip: {probability: 0.25}]")
    #expect(try Recipe.parse(yaml: recipe.yaml, path: "again") == recipe)
    #expect(recipe.normalization == .localContrast(.init(faithful: true), divides: true))
    #expect(recipe.augmentation?.map(\.name) == ["koch-affine", "shift", "zoom", "flip"])
    guard case .kochAffine(let options) = recipe.augmentation?.first else {
      Issue.record("no koch-affine")
      return
    }
    #expect(options.rotation == 5 && options.scaleFrom == 0.9 && options.border == .replicate)
    #expect(options.shear == nil)
    #expect(try SmallFaces.recipe().normalization == nil)
    #expect(try !SmallFaces.recipe().yaml.contains("normalization"))
    #expect(failure("normalization: {zcaa: {}}").contains("did you mean zca?"))
    #expect(failure("normalization: {lcn: {faithfull: true}}").contains("did you mean faithful?"))
    #expect(failure("normalization: {unit: {by: 3}}").contains("unit has no option by"))
    #expect(failure("augmentation: [rotaton: {degrees: 3}]").contains("did you mean rotation?"))
    #expect(failure("augmentation: [shift: {pixel: 3}]").contains("did you mean pixels?"))
    #expect(failure("augmentation: [shift: {}]").contains("pixels"))
    #expect(failure("augmentation: [shift: {pixels: 3, border: wrap}]").contains("wrap"))
  }

  @Test("that cannot be are refused before anything is written")
  func refusals() async throws {
    let faces = try await SmallFaces()
    for part in ["shift: {pixels: -1}", "zoom: {from: 2, to: 1}", "flip: {probability: 7}"] {
      do {
        let recipe: Recipe
        do { recipe = try SmallFaces.recipe("augmentation: [\(part)]") } catch {
          Issue.record("\(error)")
          return
        }
        _ = try TrainingRun(
          recipe: recipe, catalog: faces.catalog, protocolName: "p", seed: 0,
          machine: faces.machine, folder: faces.folder("x"), isResumed: false)
        Issue.record("\(part) was taken")
      } catch {
        guard case NeuralError.badOption = error else {
          Issue.record("\(error)")
          return
        }
      }
      #expect(!FileManager.default.fileExists(atPath: faces.folder("x").path))
    }
  }
}

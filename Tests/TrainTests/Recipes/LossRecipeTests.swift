import Configuration
import Neural
import Pairs
import TestSupport
import Testing

@testable import Train

@Suite("A recipe's loss and sampler")
struct LossRecipeTests {
  private static let identities = "identities: {identities: 4, samples: 3, batches-per-epoch: 50}"

  @Test("are what the file says, and the same when they are written and read again")
  func kinds() throws {
    _ = try Machine.start(threads: 2)
    let kinds: [(SmallRecipe, Loss, Recipe.Sampler, rows: Int, steps: Int)] = [
      (
        SmallRecipe(
          sampler: Self.identities,
          loss: "triplet: {mining: batch-hard, margin: 0.3, soft: false, distance: euclidean}"),
        .triplet(
          TripletLoss(mining: .batchHard, margin: 0.3, soft: false, distance: .euclidean)),
        .identities(identities: 4, samples: 3, batchesPerEpoch: 50), 12, 50
      ),
      (
        SmallRecipe(sampler: Self.identities, loss: "triplet: {mining: semi-hard}", batch: 12),
        .triplet(TripletLoss(mining: .semiHard)),
        .identities(identities: 4, samples: 3, batchesPerEpoch: 50), 12, 50
      ),
      (
        SmallRecipe(sampler: "samples: {}", loss: "arcface: {margin: 0.4, scale: 32}", batch: 16),
        .arcFace(MarginSoftmaxOptions(margin: 0.4, scale: 32)),
        .samples(perEpoch: nil, balance: nil), 16, 6
      ),
      (
        SmallRecipe(
          sampler: "samples: {per-epoch: 64, balance: sqrt}",
          loss: "cosface: {kernel-initializer: {normal: {mean: 0, deviation: 0.1}}, l2: 0.001}",
          batch: 16),
        .cosFace(
          MarginSoftmaxOptions(kernelInitializer: .normal(mean: 0, deviation: 0.1), l2: 0.001)),
        .samples(perEpoch: 64, balance: .sqrt), 16, 4
      ),
      (
        SmallRecipe(
          sampler: "balanced: {pairs-per-epoch: 20}", loss: "cosine-embedding: {margin: 0.1}",
          batch: 8),
        .cosineEmbedding(margin: 0.1), .balanced(pairsPerEpoch: 20), 16, 3
      ),
      (
        SmallRecipe(
          sampler: "balanced: {pairs-per-epoch: 20}",
          loss: "binary-cross-entropy: {double-sigmoid: true}", head: "weighted-difference: {}",
          batch: 8),
        .binaryCrossEntropy(doubleSigmoid: true), .balanced(pairsPerEpoch: 20), 16, 3
      ),
    ]
    for (text, loss, sampler, rows, steps) in kinds {
      let recipe = try text.parsed()
      #expect(recipe.loss == loss && recipe.sampler == sampler)
      #expect(recipe.rows == rows && recipe.stepsPerEpoch(samples: 100) == steps)
      try recipe.checkLoss()
      #expect(try Recipe.parse(yaml: recipe.yaml, path: "again") == recipe)
      // 3 x 3 x 4 weights and 4 biases over 14 x 11, then 6 x 4 x 4 inputs and a bias by 12 units.
      let described = try recipe.describe()
      #expect(described.last?.output == .features(12))
      #expect(described.reduce(0) { $0 + $1.parameters } == 40 + 97 * 12)
    }
  }

  @Test("take a ramp of the momentum and the one-cycle schedule beside them")
  func ramps() throws {
    var text = SmallRecipe(sampler: Self.identities, loss: "triplet: {mining: all}")
    text.optimizer = "sgd: {rate: 0.01, momentum: 0.9}"
    text.momentumRamp = "{from: 0.5, epochs: 20}"
    text.schedule = "one-cycle: {}"
    let recipe = try text.parsed()
    #expect(recipe.momentumRamp == MomentumRamp(from: 0.5, epochs: 20))
    #expect(recipe.schedule == .oneCycle)
    _ = try recipe.makeOptimizer()
    #expect(try Recipe.parse(yaml: recipe.yaml, path: "again") == recipe)
    text.optimizer = "adam: {rate: 0.01}"
    #expect(throws: NeuralError.self) { try text.parsed().makeOptimizer() }
  }

  private func failure(_ sampler: String, _ loss: String, batch: Int? = 4) -> String {
    do {
      _ = try Recipe.parse(
        yaml: SmallRecipe(sampler: sampler, loss: loss, batch: batch).yaml, path: "r.yaml")
      return "taken"
    } catch {
      return (error as? ConfigurationError)?.reason ?? "\(error)"
    }
  }

  @Test("with an unknown name or option are refused with the nearest known one")
  func unknown() {
    let (samples, arcface) = ("samples: {}", "arcface: {}")
    #expect(failure(samples, arcface) == "taken")
    #expect(failure("samples: {balance: none}", arcface) == "taken")
    #expect(failure(samples, "arcfase: {}").contains("there is no loss arcfase; did you mean arcf"))
    #expect(failure(samples, "tripled: {mining: all}").contains("did you mean triplet?"))
    #expect(failure(samples, "arcface: {margins: 1}").contains("did you mean margin?"))
    #expect(failure(samples, "contrastive: {margin: 1, fom: keras}").contains("did you mean form?"))
    #expect(failure(samples, "triplet: {mining: batch-hart}").contains("did you mean batch-hard?"))
    #expect(failure(samples, "triplet: {}").contains("mining"))
    #expect(failure(samples, "arcface: {}, cosface: {}").contains("not 2"))
    #expect(failure("sample: {}", arcface).contains("did you mean samples?"))
    #expect(failure("samples: {per-epok: 3}", arcface).contains("did you mean per-epoch?"))
    #expect(failure("samples: {balance: sqr}", arcface).contains("did you mean sqrt?"))
    #expect(failure("balanced: {}", arcface).contains("pairs-per-epoch"))
  }

  @Test("with lengths that cannot be are refused")
  func lengths() {
    func identities(_ p: Int, _ k: Int, _ batches: Int, batch: Int? = nil) -> String {
      failure(
        "identities: {identities: \(p), samples: \(k), batches-per-epoch: \(batches)}",
        "arcface: {}", batch: batch)
    }
    #expect(identities(2, 2, 1) == "taken" && identities(2, 2, 1, batch: 4) == "taken")
    #expect(identities(1, 2, 1) == "identities must be in 2...65536")
    #expect(identities(2, 1, 1) == "samples must be in 2...65536")
    #expect(identities(2, 2, 0) == "batches-per-epoch must be in 1...1000000000")
    #expect(identities(60_000, 60_000, 1) == "identities x samples must be in 4...65536")
    #expect(identities(2, 2, 1, batch: 5).contains("leave batch out"))
    #expect(failure("samples: {per-epoch: 0}", "arcface: {}").hasPrefix("per-epoch"))
    #expect(failure("samples: {}", "arcface: {}", batch: nil) == "it lacks batch")
    #expect(failure("samples: {}", "arcface: {}", batch: 0) == "batch must be in 1...65536")
    #expect(failure("balanced: {pairs-per-epoch: 1}", "arcface: {}").hasPrefix("pairs-per-epoch"))
  }
}

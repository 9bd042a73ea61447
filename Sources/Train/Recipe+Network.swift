import Neural
import Shards

extension Recipe {
  /// What one row of the tower's input is.
  public var inputShape: ActivationShape { samples.shape }

  /// Refuses a store whose samples are not of the recipe's shape.
  func check(_ shape: SampleShape) throws(TrainError) {
    let needs = SampleShape(
      height: samples.height, width: samples.width, channels: samples.channels)
    guard shape == needs else {
      throw .wrongSamples(recipe: name, needs: needs.description, has: shape.description)
    }
  }

  /// The tower without memory for training, to look at.
  public func describe() throws(TrainError) -> [Tower.Description] {
    try Network.describe(tower, input: inputShape)
  }

  /// Refuses a loss without meaning, and one that the sampler or the head does not fit.
  func checkLoss() throws(TrainError) {
    try onNetwork { () throws(NeuralError) in
      try loss.check()
      if let misfit { throw .badOption(what: "loss", reason: misfit) }
    }
  }

  /// Why the loss does not fit the sampler or the head; `nil` when it does.
  private var misfit: String? {
    guard loss.needsHead == (head != nil) else {
      return head == nil
        ? "\(loss.name) needs logits: add head: {weighted-difference: {}}"
        : "\(loss.name) is about a distance, and a head gives none: leave head out, or take "
          + "binary-cross-entropy"
    }
    switch (loss, sampler) {
    case (.pairs, .balanced), (.triplet, .identities), (.arcFace, .samples), (.cosFace, .samples),
      (.arcFace, .identities), (.cosFace, .identities):
      return nil
    case (.pairs, _):
      return "\(loss.name) is over pairs: take sampler: {balanced: {pairs-per-epoch: 10000}}"
    case (.triplet, _):
      return "triplet needs several samples of each identity in a step: take sampler: "
        + "{identities: {identities: 16, samples: 4, batches-per-epoch: 200}}"
    case (.arcFace, _), (.cosFace, _):
      return "\(loss.name) needs samples with their identities: take sampler: {samples: {}}, or "
        + "identities"
    }
  }

  func makeHead(
    over tower: Tower, seed: Int, isTrainable: Bool
  ) -> WeightedDifferenceHead? {
    head.map { _ in
      WeightedDifferenceHead(
        length: tower.embeddingLength, seed: seed, isTrainable: isTrainable)
    }
  }

  func makeOptimizer() throws(TrainError) -> Optimizer {
    try onNetwork { () throws(NeuralError) in
      try schedule?.check()
      try momentumRamp?.check(optimizer)
      return try Optimizer(optimizer)
    }
  }
}

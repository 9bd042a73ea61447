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

  func makeLoss() throws(TrainError) -> PairLoss {
    try onNetwork { () throws(NeuralError) in
      try loss.check()
      guard loss.needsHead == (head != nil) else {
        throw .badOption(
          what: "loss",
          reason: head == nil
            ? "binary-cross-entropy needs logits: add head: {weighted-difference: {}}"
            : "it is about a distance, and a head gives none: leave head out, or take "
              + "binary-cross-entropy")
      }
    }
    return loss
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
      return try Optimizer(optimizer)
    }
  }
}

import Neural
import Shards

extension Recipe {
  /// The recipe's tower and head as a network.
  public var twin: Network {
    Network(
      name: name, title: title, source: source, input: samples, tower: tower, head: head)
  }

  /// The shape of one row of the tower's input.
  public var inputShape: ActivationShape { samples.shape }

  /// Throws if the samples of a store do not have the recipe's shape.
  func check(_ shape: SampleShape) throws {
    let needs = SampleShape(
      height: samples.height, width: samples.width, channels: samples.channels)
    guard shape == needs else {
      throw TrainError.wrongSamples(recipe: name, needs: needs.description, has: shape.description)
    }
  }

  /// Describes the tower, without allocating memory for training.
  public func describe() throws -> [Tower.Description] {
    try Network.describe(tower, input: inputShape)
  }

  /// Throws if the loss is invalid or does not fit the sampler or the head.
  func checkLoss() throws {
    try loss.check()
    if let misfit { throw NeuralError.badOption(what: "loss", reason: misfit) }
    try score?.jointBayesian.check()
    if score != nil, head != nil {
      throw NeuralError.badOption(
        what: "score", reason: "a recipe with a head is scored by it: remove head or score")
    }
    guard evaluation?.best != .loss || loss.targets == .pairs else {
      throw NeuralError.badOption(
        what: "evaluation",
        reason:
          "best: loss needs a loss over pairs, and \(loss.name) is none: take eer, accuracy or auc"
      )
    }
  }

  /// The reason why the loss does not fit the sampler or the head; `nil` if it does.
  private var misfit: String? {
    guard loss.needsHead == (head != nil) else {
      return head == nil
        ? "\(loss.name) needs logits: add head: {weighted-difference: {}}"
        : "\(loss.name) is about a distance, and a head gives none: leave head out, or take "
          + "binary-cross-entropy"
    }
    switch (loss.targets, sampler) {
    case (.pairs, _) where sampler.unit == .pairs: return nil
    case (.groups, .identities), (.classes, .samples), (.classes, .identities): return nil
    case (.pairs, _):
      return "\(loss.name) is over pairs: take sampler: {balanced: {pairs-per-epoch: 10000}}"
    case (.groups, _):
      return "\(loss.name) needs several samples of each identity in a step: take sampler: "
        + "{identities: {identities: 16, samples: 4, batches-per-epoch: 200}}"
    case (.classes, _):
      return "\(loss.name) needs samples with their identities: take sampler: {samples: {}}, or "
        + "identities"
    }
  }

  /// Creates the head over embeddings of a tower; `nil` if the recipe has none.
  func makeHead(
    over tower: Tower, seed: Int, isTrainable: Bool
  ) throws -> (any PairHead)? {
    try head?.make(length: tower.embeddingLength, seed: seed, isTrainable: isTrainable)
  }

  func makeOptimizer() throws -> Optimizer {
    try schedule?.check()
    try momentumRamp?.check(optimizer)
    return try Optimizer(optimizer)
  }
}

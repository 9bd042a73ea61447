import Neural

/// What a step makes small, and the weights that belong to it rather than to the tower.
enum Objective {
  /// A loss on the distances of pairs.
  case distances(PairLoss)
  /// Binary cross-entropy of the logits a head makes of pairs.
  case logits(WeightedDifferenceHead, isDoubleSigmoid: Bool)
  /// A loss on the triplets of a batch.
  case triplets(TripletLoss)
  /// A softmax over all identities.
  case classes(ClassificationHead)

  /// The objective of a recipe whose loss was checked.
  ///
  /// - Parameters:
  ///   - recipe: whose loss it is.
  ///   - tower: makes the embeddings.
  ///   - identities: how many identities the training side has.
  ///   - seed: what first weights are drawn from.
  /// - Throws: ``TrainError`` when there are too few identities to tell apart.
  init(
    _ recipe: Recipe, over tower: Tower, identities: Int, seed: Int
  ) throws(TrainError) {
    switch recipe.loss {
    case .pairs(let loss):
      guard let head = recipe.makeHead(over: tower, seed: seed, isTrainable: true),
        case .binaryCrossEntropy(let doubleSigmoid) = loss
      else {
        self = .distances(loss)
        return
      }
      self = .logits(head, isDoubleSigmoid: doubleSigmoid ?? false)
    case .triplet(let loss): self = .triplets(loss)
    case .arcFace, .cosFace:
      self = .classes(
        try onNetwork { () throws(NeuralError) in
          try ClassificationHead(
            recipe.loss, classes: identities, length: tower.embeddingLength, seed: seed)
        })
    }
  }

  /// What training changes beside the tower.
  var parameters: [Parameter] {
    switch self {
    case .distances, .triplets: []
    case .logits(let head, _): head.parameters
    case .classes(let head): head.parameters
    }
  }

  /// How many identities have weights of their own; `nil` where none has.
  var classes: Int? {
    if case .classes(let head) = self { head.parameters[0].shape[0] } else { nil }
  }

  /// The loss of the tower's embeddings.
  ///
  /// - Parameters:
  ///   - tower: with the embeddings of the step.
  ///   - labels: what is known of its rows.
  ///   - gradient: receives the gradient of the embeddings, `[rows, length]`.
  /// - Returns: the loss of the data; the gradients of ``parameters`` are written beside.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  func evaluate(
    _ tower: Tower, labels: StepPlan.Labels, gradient: FloatBuffer
  ) throws(NeuralError) -> LossValue {
    let (embeddings, length) = (tower.embeddings, tower.embeddingLength)
    switch (self, labels) {
    case (.distances(let loss), .genuine(let genuine)):
      return LossValue(
        data: loss.evaluate(embeddings, length: length, genuine: genuine, gradient: gradient))
    case (.logits(let head, let isDoubleSigmoid), .genuine(let genuine)):
      return LossValue(
        data: head.crossEntropy(
          embeddings, genuine: genuine, gradient: gradient, isDoubleSigmoid: isDoubleSigmoid))
    case (.triplets(let loss), .identities(let identities)):
      return loss.evaluate(
        embeddings, length: length, identities: identities, gradient: gradient)
    case (.classes(let head), .identities(let identities)):
      return try head.evaluate(embeddings, labels: identities, gradient: gradient)
    case (.distances, .identities), (.logits, .identities), (.triplets, .genuine),
      (.classes, .genuine):
      preconditionFailure("the recipe was checked: its loss and its sampler fit")
    }
  }
}

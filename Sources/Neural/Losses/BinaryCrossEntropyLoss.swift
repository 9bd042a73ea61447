/// Binary cross-entropy on the logits of a ``WeightedDifferenceHead``.
struct BinaryCrossEntropyLoss: LossKind {
  package static let name = "binary-cross-entropy"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// Whether the sigmoid of the logit is used as the logit, as in the program of one source.
  var doubleSigmoid: Bool?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case doubleSigmoid = "double-sigmoid"
  }

  var distance: Distance? { nil }
  var needsHead: Bool { true }
  var targets: LossTargets { .pairs }

  func makeFunction(
    length: Int, classes: Int, seed: Int
  ) throws(NeuralError) -> any LossFunction {
    CrossEntropyFunction(
      head: WeightedDifferenceHead(length: length, seed: seed, isTrainable: true),
      isDoubleSigmoid: doubleSigmoid ?? false)
  }
}

/// The cross-entropy of the logits of a head during training.
private final class CrossEntropyFunction: LossFunction {
  private let head: WeightedDifferenceHead
  private let isDoubleSigmoid: Bool

  init(head: WeightedDifferenceHead, isDoubleSigmoid: Bool) {
    self.head = head
    self.isDoubleSigmoid = isDoubleSigmoid
  }

  var parameters: [Parameter] { head.parameters }

  func evaluate(
    _ embeddings: FloatBuffer, length: Int, labels: LossLabels, gradient: FloatBuffer
  ) -> LossValue {
    LossValue(
      data: head.crossEntropy(
        embeddings, genuine: labels.genuine, gradient: gradient,
        isDoubleSigmoid: isDoubleSigmoid))
  }
}

extension Loss {
  /// Binary cross-entropy on the logits of a head.
  package static func binaryCrossEntropy(doubleSigmoid: Bool?) -> Loss {
    .init(BinaryCrossEntropyLoss(doubleSigmoid: doubleSigmoid))
  }
}

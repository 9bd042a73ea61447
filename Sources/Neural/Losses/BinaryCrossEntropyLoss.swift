import Foundation

/// Binary cross-entropy on the logits of a head.
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
  /// ln 2; with the double sigmoid its smallest value on balanced pairs.
  var valueOfConstantEmbedding: Float? { doubleSigmoid == true ? 0.503204 : log(2) }

  func makeFunction(_ context: LossContext) throws(NeuralError) -> any LossFunction {
    try PairLogitFunction(context, of: Self.name) { [isDouble = doubleSigmoid ?? false] in
      Self.loss($0, $1, isDoubleSigmoid: isDouble)
    }
  }

  /// Returns the loss of one logit and its derivative.
  ///
  /// The form max(z, 0) - z y + ln(1 + exp(-|z|)) is finite for every finite z. With the double
  /// sigmoid the loss is at least 0.5032 on balanced pairs.
  static func loss(
    _ logit: Float, _ isGenuine: Bool, isDoubleSigmoid: Bool
  ) -> (value: Float, derivative: Float) {
    func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
    let inner = sigmoid(logit)
    let z = isDoubleSigmoid ? inner : logit
    let value = max(z, 0) - (isGenuine ? z : 0) + log1p(exp(-abs(z)))
    let derivative = sigmoid(z) - (isGenuine ? 1 : 0)
    return (value, isDoubleSigmoid ? derivative * inner * (1 - inner) : derivative)
  }
}

extension Loss {
  /// Binary cross-entropy on the logits of a head.
  package static func binaryCrossEntropy(doubleSigmoid: Bool?) -> Loss {
    .init(BinaryCrossEntropyLoss(doubleSigmoid: doubleSigmoid))
  }
}

@testable import Neural

extension PairHead {
  /// The mean cross-entropy of pairs, with the gradients.
  func crossEntropy(
    _ embeddings: FloatBuffer, genuine: [Bool], gradient: FloatBuffer, isDoubleSigmoid: Bool
  ) -> Float {
    mean(embeddings, genuine: genuine, gradient: gradient) {
      BinaryCrossEntropyLoss.loss($0, $1, isDoubleSigmoid: isDoubleSigmoid)
    }
  }
}

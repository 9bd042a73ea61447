import Configuration

/// A kind of head with its options, as in a recipe: `weighted-distance: {distance: cosine}`.
///
/// ``HeadKinds`` lists all kinds.
protocol HeadKind: NamedKind {
  /// Number of weights for embeddings of the given length.
  func parameters(embeddingLength: Int) -> Int

  /// Creates the head; ``Head/make(length:seed:isTrainable:)`` describes the parameters.
  func make(length: Int, seed: Int, isTrainable: Bool) throws(NeuralError) -> any PairHead
}

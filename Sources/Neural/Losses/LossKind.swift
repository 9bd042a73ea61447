import Configuration

/// A kind of loss with its options, as in a recipe: `triplet: {margin: 0.2}`.
///
/// ``LossKinds`` lists all kinds.
protocol LossKind: NamedKind {
  /// The kind of samples that the loss is computed on.
  var targets: LossTargets { get }
  /// The distance of the loss, which is also used for scores; `nil` if the loss uses a head.
  var distance: Distance? { get }
  /// Whether the loss is computed on the logits of a head instead of a distance.
  var needsHead: Bool { get }

  /// Throws if an option is invalid.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func check() throws(NeuralError)

  /// Creates the function that computes the loss during training.
  ///
  /// - Parameters:
  ///   - length: the length of an embedding.
  ///   - classes: the number of identities of the training side.
  ///   - seed: the seed of the initial weights.
  /// - Returns: the loss with its weights.
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func makeFunction(
    length: Int, classes: Int, seed: Int
  ) throws(NeuralError) -> any LossFunction
}

extension LossKind {
  var needsHead: Bool { false }

  func check() throws(NeuralError) {}
}

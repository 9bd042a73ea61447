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

  /// The loss of balanced pairs, or of triplets, whose embeddings are all the same; `nil` if it is
  /// not known.
  var valueOfConstantEmbedding: Float? { get }

  /// Throws if an option is invalid.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func check() throws(NeuralError)

  /// Creates the function that computes the loss during training.
  ///
  /// - Parameter context: the values that the function depends on.
  /// - Returns: the loss with its weights.
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func makeFunction(_ context: LossContext) throws(NeuralError) -> any LossFunction
}

extension LossKind {
  var needsHead: Bool { false }
  var valueOfConstantEmbedding: Float? { nil }

  func check() throws(NeuralError) {}
}

/// The values that the function of a loss depends on.
struct LossContext {
  /// Length of an embedding.
  let length: Int
  /// Number of identities of the training side.
  let classes: Int
  /// The seed of the initial weights.
  let seed: Int
  /// The head of the recipe; set if the loss needs one.
  let head: (any PairHead)?
}

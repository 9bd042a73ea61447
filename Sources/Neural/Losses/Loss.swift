import Configuration

/// The training objective, as described in a recipe: one key, the name of its kind, with its
/// options as the value.
public struct Loss: Codable, Equatable, Sendable {
  /// The kind with its options.
  let kind: any LossKind

  init(_ kind: any LossKind) { self.kind = kind }

  /// The name in a recipe.
  public var name: String { type(of: kind).name }
  /// The kind of samples that the loss is computed on.
  public var targets: LossTargets { kind.targets }
  /// The distance of the loss, which is also used for scores; `nil` if the loss uses a head.
  public var distance: Distance? { kind.distance }
  /// Whether the loss is computed on the logits of a head instead of a distance.
  public var needsHead: Bool { kind.needsHead }

  /// The loss of balanced pairs, or of triplets, whose embeddings are all the same; `nil` if it is
  /// not known.
  ///
  /// A training whose loss stays there has collapsed.
  public var valueOfConstantEmbedding: Float? { kind.valueOfConstantEmbedding }

  /// Throws if an option is invalid.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public func check() throws(NeuralError) { try kind.check() }

  /// Creates the function that computes the loss during training.
  ///
  /// - Parameters:
  ///   - length: the length of an embedding.
  ///   - classes: the number of identities of the training side.
  ///   - seed: the seed of the initial weights.
  ///   - head: the head of the recipe.
  /// - Returns: the loss with its weights and those of the head.
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public func makeFunction(
    length: Int, classes: Int, seed: Int, head: (any PairHead)? = nil
  ) throws(NeuralError) -> any LossFunction {
    try kind.makeFunction(
      LossContext(length: length, classes: classes, seed: seed, head: head))
  }

  /// Returns true if both have the same kind and the same options.
  public static func == (left: Loss, right: Loss) -> Bool { left.kind.isEqual(to: right.kind) }

  /// Decodes a loss.
  ///
  /// - Throws: `DecodingError` for an unknown name or option; it suggests the most similar one.
  public init(from decoder: any Decoder) throws {
    kind = try NamedKinds.decode("loss", from: decoder, as: (any LossKind).self)
  }

  /// Encodes the loss in the format that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    try kind.encodeNamed(to: encoder)
  }
}

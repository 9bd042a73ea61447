import Configuration

/// The comparison of two embeddings by trained weights, as described in a recipe: one key, the
/// name of its kind, with its options as the value.
public struct Head: Codable, Equatable, Sendable {
  /// The kind with its options.
  let kind: any HeadKind

  init(_ kind: any HeadKind) { self.kind = kind }

  /// The name in a recipe.
  public var name: String { type(of: kind).name }

  /// Number of weights for embeddings of the given length.
  public func parameters(embeddingLength: Int) -> Int {
    kind.parameters(embeddingLength: embeddingLength)
  }

  /// Creates the head.
  ///
  /// - Parameters:
  ///   - length: the length of an embedding.
  ///   - seed: the seed of the initial weights.
  ///   - isTrainable: whether initial weights are drawn and memory for gradients is allocated.
  /// - Returns: the head with its weights.
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public func make(length: Int, seed: Int, isTrainable: Bool) throws(NeuralError) -> any PairHead {
    try kind.make(length: length, seed: seed, isTrainable: isTrainable)
  }

  /// Returns true if both have the same kind and the same options.
  public static func == (left: Head, right: Head) -> Bool { left.kind.isEqual(to: right.kind) }

  /// Decodes a head.
  ///
  /// - Throws: `DecodingError` for an unknown name or option; it suggests the most similar one.
  public init(from decoder: any Decoder) throws {
    kind = try NamedKinds.decode("head", from: decoder, as: (any HeadKind).self)
  }

  /// Encodes the head in the format that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    try kind.encodeNamed(to: encoder)
  }
}

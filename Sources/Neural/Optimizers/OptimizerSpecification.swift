import Configuration

/// An optimiser as described in a recipe: one key, the name of its kind, with its options as the
/// value.
public struct OptimizerSpecification: Codable, Equatable, Sendable {
  /// The kind with its options.
  let kind: any OptimizerKind

  init(_ kind: any OptimizerKind) { self.kind = kind }

  /// The name in a recipe.
  public var name: String { type(of: kind).name }
  /// The learning rate.
  public var rate: Float { kind.rate }
  /// The momentum of gradient descent; `nil` for other kinds and if none is given.
  public var momentum: Float? { kind.momentum }

  /// Throws if an option is invalid.
  func check() throws(NeuralError) {
    guard rate > 0, rate.isFinite else {
      throw .badOption(what: name, reason: "rate must be more than 0")
    }
    try kind.check()
  }

  /// Returns true if both have the same kind and the same options.
  public static func == (left: OptimizerSpecification, right: OptimizerSpecification) -> Bool {
    left.kind.isEqual(to: right.kind)
  }

  /// Decodes an optimiser.
  ///
  /// - Throws: `DecodingError` for an unknown name or option; it suggests the most similar one.
  public init(from decoder: any Decoder) throws {
    kind = try NamedKinds.decode("optimizer", from: decoder, as: (any OptimizerKind).self)
  }

  /// Encodes the optimiser in the format that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    try kind.encodeNamed(to: encoder)
  }
}

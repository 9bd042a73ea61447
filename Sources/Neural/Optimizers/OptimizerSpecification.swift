import Configuration

extension CodingUserInfoKey {
  /// The kinds of optimisers that a recipe may name, as `[any OptimizerKind.Type]`.
  static let optimizerKinds = CodingUserInfoKey(rawValue: "optimizer kinds")
}

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
    let kinds = CodingUserInfoKey.optimizerKinds.flatMap { decoder.userInfo[$0] }
    guard let kinds = kinds as? [any OptimizerKind.Type] else {
      preconditionFailure("decode optimisers with OptimizerKinds.userInfo")
    }
    let named = try NamedOptions("optimizer", among: kinds.map { $0.name }, from: decoder)
    guard let kind = kinds.first(where: { $0.name == named.name }) else {
      preconditionFailure("the name is one of the kinds")
    }
    self.kind = try kind.read(named)
  }

  /// Encodes the optimiser in the format that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyCodingKey.self)
    try container.encode(kind, forKey: AnyCodingKey(stringValue: name))
  }
}

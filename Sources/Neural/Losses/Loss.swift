import Configuration

extension CodingUserInfoKey {
  /// The kinds of losses that a recipe may name, as `[any LossKind.Type]`.
  static let lossKinds = CodingUserInfoKey(rawValue: "loss kinds")
}

/// What training makes small, as a recipe describes it: one key, which names its kind, over its
/// options.
public struct Loss: Codable, Equatable, Sendable {
  /// The kind with its options.
  let kind: any LossKind

  init(_ kind: any LossKind) { self.kind = kind }

  /// The name in a recipe.
  public var name: String { type(of: kind).name }
  /// What it is over.
  public var targets: LossTargets { kind.targets }
  /// The distance the loss is about, which scores are made of as well; `nil` with a head.
  public var distance: Distance? { kind.distance }
  /// Whether it is about the logits of a head rather than a distance.
  public var needsHead: Bool { kind.needsHead }

  /// Refuses options without meaning.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public func check() throws(NeuralError) { try kind.check() }

  /// The loss as a step computes it; ``LossKind`` says what the parameters are.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public func makeFunction(
    length: Int, classes: Int, seed: Int
  ) throws(NeuralError) -> any LossFunction {
    try kind.makeFunction(length: length, classes: classes, seed: seed)
  }

  /// Whether both are of one kind with the same options.
  public static func == (left: Loss, right: Loss) -> Bool { left.kind.isEqual(to: right.kind) }

  /// Reads a loss.
  ///
  /// - Throws: `DecodingError` that names the nearest loss when there is none of that name, or the
  ///   nearest option.
  public init(from decoder: any Decoder) throws {
    let kinds = CodingUserInfoKey.lossKinds.flatMap { decoder.userInfo[$0] }
    guard let kinds = kinds as? [any LossKind.Type] else {
      preconditionFailure("decode losses with LossKinds.userInfo")
    }
    let named = try NamedOptions("loss", among: kinds.map { $0.name }, from: decoder)
    guard let kind = kinds.first(where: { $0.name == named.name }) else {
      preconditionFailure("the name is one of the kinds")
    }
    self.kind = try kind.read(named)
  }

  /// Writes the loss as it is read.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyCodingKey.self)
    try container.encode(kind, forKey: AnyCodingKey(stringValue: name))
  }
}

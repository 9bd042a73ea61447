import Configuration

/// A kind of loss with its options, as a recipe has it: `triplet: {margin: 0.2}`.
///
/// ``LossKinds`` lists all kinds.
protocol LossKind: Codable, Equatable, Sendable {
  /// The name in a recipe.
  static var name: String { get }
  /// The names of its options.
  static var optionNames: [String] { get }
  /// What it is over.
  var targets: LossTargets { get }
  /// The distance the loss is about, which scores are made of as well; `nil` with a head.
  var distance: Distance? { get }
  /// Whether it is about the logits of a head rather than a distance.
  var needsHead: Bool { get }

  /// Refuses options without meaning.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func check() throws(NeuralError)

  /// The loss as a step computes it.
  ///
  /// - Parameters:
  ///   - length: how long an embedding is.
  ///   - classes: how many identities the training side has.
  ///   - seed: what first weights are drawn from.
  /// - Returns: the loss with its weights.
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func makeFunction(
    length: Int, classes: Int, seed: Int
  ) throws(NeuralError) -> any LossFunction
}

extension LossKind {
  var needsHead: Bool { false }

  func check() throws(NeuralError) {}

  /// Reads the options under the name of this kind.
  static func read(_ named: NamedOptions) throws -> Self {
    try named.check(optionNames)
    return try named.value(Self.self)
  }

  func isEqual(to other: any LossKind) -> Bool {
    (other as? Self) == self
  }
}

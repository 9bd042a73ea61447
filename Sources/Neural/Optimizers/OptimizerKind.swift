import Configuration

/// What an optimiser keeps of the gradients of a parameter, as the first part of its name in a
/// checkpoint.
enum OptimizerSlot: String {
  case velocity
  case first
  case second
  case largest
}

/// A kind of optimiser with its options, as a recipe has it: `adam: {rate: 0.001}`.
///
/// ``OptimizerKinds`` lists all kinds.
protocol OptimizerKind: Codable, Equatable, Sendable {
  /// The name in a recipe.
  static var name: String { get }
  /// The names of its options.
  static var optionNames: [String] { get }
  /// The learning rate.
  var rate: Float { get }
  /// The momentum of gradient descent; `nil` for the others and where none is given.
  var momentum: Float? { get }
  /// What it keeps of each parameter, in the order that its rule takes it.
  var slots: [OptimizerSlot] { get }

  /// Refuses options without meaning, beside the rate.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func check() throws(NeuralError)

  /// The rule that moves weights.
  func makeRule() -> any OptimizerRule
}

/// Moves the weights of one parameter along its gradient.
protocol OptimizerRule {
  /// Moves a parameter.
  ///
  /// - Parameters:
  ///   - parameter: the weights with their gradient and weight decay.
  ///   - slots: what is kept of it, in the order of ``OptimizerKind/slots``.
  ///   - step: how many steps lie behind.
  ///   - rate: the learning rate.
  ///   - momentum: the momentum of gradient descent; others leave it alone.
  mutating func update(
    _ parameter: Parameter, _ slots: [FloatBuffer], step: Int, rate: Float, momentum: Float)
}

extension OptimizerKind {
  var momentum: Float? { nil }

  /// Reads the options under the name of this kind.
  static func read(_ named: NamedOptions) throws -> Self {
    try named.check(optionNames)
    return try named.value(Self.self)
  }

  func isEqual(to other: any OptimizerKind) -> Bool {
    (other as? Self) == self
  }
}

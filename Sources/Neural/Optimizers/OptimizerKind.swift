import Configuration

/// The kind of state that an optimiser keeps for a parameter, as the first part of its name in a
/// checkpoint.
enum OptimizerSlot: String {
  case velocity
  case first
  case second
  case largest
}

/// A kind of optimiser with its options, as in a recipe: `adam: {rate: 0.001}`.
///
/// ``OptimizerKinds`` lists all kinds.
protocol OptimizerKind: NamedKind {
  /// The learning rate.
  var rate: Float { get }
  /// The momentum of gradient descent; `nil` for other kinds and if none is given.
  var momentum: Float? { get }
  /// The state kept for each parameter, in the order that the rule expects.
  var slots: [OptimizerSlot] { get }

  /// Throws if an option other than the rate is invalid.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func check() throws(NeuralError)

  /// Creates the rule that updates weights.
  func makeRule() -> any OptimizerRule
}

/// Updates the weights of one parameter from its gradient.
protocol OptimizerRule {
  /// Updates a parameter.
  ///
  /// - Parameters:
  ///   - parameter: the weights with their gradient and weight decay.
  ///   - slots: the state of the parameter, in the order of ``OptimizerKind/slots``.
  ///   - step: the number of steps done so far.
  ///   - rate: the learning rate.
  ///   - momentum: the momentum of gradient descent; other kinds ignore it.
  /// - Returns: the sum of the squares of the weights before the update; 0 without weight decay.
  mutating func update(
    _ parameter: Parameter, _ slots: [FloatBuffer], step: Int, rate: Float, momentum: Float
  ) -> Double
}

extension OptimizerKind {
  var momentum: Float? { nil }
}

/// How weights move, as a recipe describes it.
public enum OptimizerSpecification: Codable, Equatable, Sendable {
  /// Gradient descent: v = momentum v - rate g; w += v, or momentum v - rate g with Nesterov.
  ///
  /// Source: Sutskever and others, On the importance of initialization and momentum, 2013, in
  /// Keras's form. Momentum is 0 unless given.
  case sgd(rate: Float, momentum: Float?, nesterov: Bool?)
  /// Adam, with the largest second moment so far when `amsgrad` is set.
  ///
  /// Source: Kingma and Ba, 2015, section 2, last paragraph; Reddi, Kale and Kumar, 2018. beta1 is
  /// 0.9, beta2 0.999, epsilon 1e-7 unless given, as in Keras.
  case adam(rate: Float, beta1: Float?, beta2: Float?, epsilon: Float?, amsgrad: Bool?)
  /// Adam whose weights also lose the share rate x decay of themselves at every step.
  ///
  /// Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019.
  case adamw(rate: Float, decay: Float, beta1: Float?, beta2: Float?, epsilon: Float?)
  /// Adam with Nesterov's momentum and its schedule.
  ///
  /// Source: Dozat, Incorporating Nesterov Momentum into Adam, 2016, as Keras 3 computes it.
  case nadam(rate: Float, beta1: Float?, beta2: Float?, epsilon: Float?)
  /// v = rho v + (1 - rho) g^2; w -= rate g / sqrt(v + epsilon).
  ///
  /// Source: Hinton's lecture 6e, 2012; Keras 3, `RMSprop`.
  case rmsprop(rate: Float, rho: Float, epsilon: Float)

  /// The name in a recipe.
  public var name: String {
    switch self {
    case .sgd: "sgd"
    case .adam: "adam"
    case .adamw: "adamw"
    case .nadam: "nadam"
    case .rmsprop: "rmsprop"
    }
  }

  /// The learning rate.
  public var rate: Float {
    switch self {
    case .sgd(let rate, _, _), .adam(let rate, _, _, _, _), .adamw(let rate, _, _, _, _),
      .nadam(let rate, _, _, _), .rmsprop(let rate, _, _):
      rate
    }
  }

  /// Refuses options without meaning.
  func check() throws(NeuralError) {
    func refuse(_ reason: String) -> NeuralError { .badOption(what: name, reason: reason) }
    guard rate > 0, rate.isFinite else { throw refuse("rate must be more than 0") }
    switch self {
    case .sgd(_, let momentum, let nesterov):
      guard (0..<1).contains(momentum ?? 0) else { throw refuse("momentum must be in 0..<1") }
      guard nesterov != true || (momentum ?? 0) > 0 else {
        throw refuse("nesterov needs a momentum")
      }
    case .adam(_, let beta1, let beta2, let epsilon, _),
      .adamw(_, _, let beta1, let beta2, let epsilon), .nadam(_, let beta1, let beta2, let epsilon):
      guard (0..<1).contains(beta1 ?? 0.9), (0..<1).contains(beta2 ?? 0.999) else {
        throw refuse("beta1 and beta2 must be in 0..<1")
      }
      guard epsilon ?? 1 > 0 else { throw refuse("epsilon must be more than 0") }
      if case .adamw(_, let decay, _, _, _) = self, decay < 0 {
        throw refuse("decay must be 0 or more")
      }
    case .rmsprop(_, let rho, let epsilon):
      guard (0..<1).contains(rho), epsilon > 0 else {
        throw refuse("rho must be in 0..<1 and epsilon more than 0")
      }
    }
  }
}

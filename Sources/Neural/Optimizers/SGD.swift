internal import CKernels

/// Gradient descent: v = momentum v - rate g; w += v, or w += momentum v - rate g with Nesterov.
///
/// Source: Sutskever and others, On the importance of initialization and momentum, 2013, in the
/// form of Keras.
struct SGDOptions: OptimizerKind {
  package static let name = "sgd"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  let rate: Float
  /// The momentum, in 0..<1; defaults to 0.
  var momentum: Float?
  /// Whether the Nesterov form is used; defaults to false.
  var nesterov: Bool?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case rate, momentum, nesterov
  }

  let slots: [OptimizerSlot] = [.velocity]

  func check() throws(NeuralError) {
    guard (0..<1).contains(momentum ?? 0) else {
      throw .badOption(what: Self.name, reason: "momentum must be in 0..<1")
    }
    guard nesterov != true || (momentum ?? 0) > 0 else {
      throw .badOption(what: Self.name, reason: "nesterov needs a momentum")
    }
  }

  func makeRule() -> any OptimizerRule { SGD(isNesterov: nesterov == true) }
}

/// The rule of ``SGDOptions``.
private struct SGD: OptimizerRule {
  let isNesterov: Bool

  func update(
    _ parameter: Parameter, _ slots: [FloatBuffer], step: Int, rate: Float, momentum: Float
  ) -> Double {
    ckernels_momentum(
      parameter.count,
      CMomentum(
        rate: rate, momentum: momentum, l2: 2 * parameter.l2, nesterov: isNesterov ? 1 : 0),
      parameter.gradient.start, slots[0].start, parameter.values.start)
  }
}

extension OptimizerSpecification {
  /// Gradient descent.
  public static func sgd(
    rate: Float, momentum: Float?, nesterov: Bool?
  ) -> OptimizerSpecification {
    .init(SGDOptions(rate: rate, momentum: momentum, nesterov: nesterov))
  }
}

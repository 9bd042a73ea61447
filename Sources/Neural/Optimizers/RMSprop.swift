internal import CKernels

/// v = rho v + (1 - rho) g^2; w -= rate g / sqrt(v + epsilon).
///
/// Source: Hinton's lecture 6e, 2012; Keras 3, `RMSprop`.
struct RMSpropOptions: OptimizerKind {
  package static let name = "rmsprop"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  let rate: Float
  /// The fraction of v that is kept, in 0..<1.
  let rho: Float
  let epsilon: Float

  enum CodingKeys: String, CodingKey, CaseIterable {
    case rate, rho, epsilon
  }

  let slots: [OptimizerSlot] = [.velocity]

  func check() throws(NeuralError) {
    guard (0..<1).contains(rho), epsilon > 0 else {
      throw .badOption(what: Self.name, reason: "rho must be in 0..<1 and epsilon more than 0")
    }
  }

  func makeRule() -> any OptimizerRule { RMSprop(rho: rho, epsilon: epsilon) }
}

/// The rule of ``RMSpropOptions``.
private struct RMSprop: OptimizerRule {
  let rho: Float
  let epsilon: Float

  func update(
    _ parameter: Parameter, _ slots: [FloatBuffer], step: Int, rate: Float, momentum: Float
  ) -> Double {
    ckernels_rmsprop(
      parameter.count, rate, rho, epsilon, 2 * parameter.l2, parameter.gradient.start,
      slots[0].start, parameter.values.start)
  }
}

extension OptimizerSpecification {
  /// RMSprop.
  public static func rmsprop(rate: Float, rho: Float, epsilon: Float) -> OptimizerSpecification {
    .init(RMSpropOptions(rate: rate, rho: rho, epsilon: epsilon))
  }
}

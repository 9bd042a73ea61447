internal import CKernels
import Foundation

/// The moment decays that all variants of Adam use.
struct AdamMoments: Equatable {
  /// The fraction of the first moment that is kept at each step.
  let beta1: Float
  /// The fraction of the second moment that is kept at each step.
  let beta2: Float
  /// The constant added to the root of the second moment.
  let epsilon: Float

  /// Creates the moments; as in Keras, the defaults are 0.9, 0.999 and 1e-7.
  init(beta1: Float?, beta2: Float?, epsilon: Float?) {
    self.beta1 = beta1 ?? 0.9
    self.beta2 = beta2 ?? 0.999
    self.epsilon = epsilon ?? 1e-7
  }

  func check(_ name: String) throws(NeuralError) {
    guard (0..<1).contains(beta1), (0..<1).contains(beta2) else {
      throw .badOption(what: name, reason: "beta1 and beta2 must be in 0..<1")
    }
    guard epsilon > 0 else {
      throw .badOption(what: name, reason: "epsilon must be more than 0")
    }
  }

  /// The coefficients of a step of Adam, with the rate corrected for moments that start at 0.
  func coefficients(step: Int, rate: Float, l2: Float, decay: Float = 0) -> CAdam {
    let time = Double(step + 1)
    let correction =
      (1 - pow(Double(beta2), time)).squareRoot() / (1 - pow(Double(beta1), time))
    return CAdam(
      rate: Float(Double(rate) * correction), beta1: beta1, beta2: beta2, epsilon: epsilon, l2: l2,
      decay: decay, momentum_share: 1, gradient_share: 0, second_share: 1)
  }
}

/// The update rule of Adam, optionally with the largest second moment or with decoupled weight
/// decay.
struct AdamRule: OptimizerRule {
  let moments: AdamMoments
  let decay: Float
  let hasLargest: Bool

  func update(
    _ parameter: Parameter, _ slots: [FloatBuffer], step: Int, rate: Float, momentum: Float
  ) -> Double {
    ckernels_adam(
      parameter.count,
      moments.coefficients(
        step: step, rate: rate, l2: 2 * parameter.l2, decay: rate * decay),
      parameter.gradient.start, slots[0].start, slots[1].start,
      hasLargest ? slots[2].start : nil, parameter.values.start)
  }
}

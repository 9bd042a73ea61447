internal import CKernels
import Foundation

/// The decay of the two moments of a gradient, which the kinds of Adam share.
struct AdamMoments: Equatable {
  /// The fraction of the first moment that stays at each step.
  let beta1: Float
  /// The fraction of the second moment that stays at each step.
  let beta2: Float
  /// What is added to the root of the second moment.
  let epsilon: Float

  /// The moments; 0.9, 0.999 and 1e-7 unless given, as in Keras.
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

  /// The coefficients of a step of Adam, the rate corrected for moments that began at 0.
  func coefficients(step: Int, rate: Float, l2: Float, decay: Float = 0) -> CAdam {
    let time = Double(step + 1)
    let correction =
      (1 - pow(Double(beta2), time)).squareRoot() / (1 - pow(Double(beta1), time))
    return CAdam(
      rate: Float(Double(rate) * correction), beta1: beta1, beta2: beta2, epsilon: epsilon, l2: l2,
      decay: decay, momentum_share: 1, gradient_share: 0, second_share: 1)
  }
}

/// The rule of Adam, with the largest second moment or decoupled weight decay where these are asked
/// for.
struct AdamRule: OptimizerRule {
  let moments: AdamMoments
  let decay: Float
  let hasLargest: Bool

  func update(
    _ parameter: Parameter, _ slots: [FloatBuffer], step: Int, rate: Float, momentum: Float
  ) {
    ckernels_adam(
      parameter.count,
      moments.coefficients(
        step: step, rate: rate, l2: 2 * parameter.l2, decay: rate * decay),
      parameter.gradient.start, slots[0].start, slots[1].start,
      hasLargest ? slots[2].start : nil, parameter.values.start)
  }
}

internal import CKernels
import Foundation

/// Adam with Nesterov momentum and its momentum schedule.
///
/// Source: Dozat, Incorporating Nesterov Momentum into Adam, 2016, as Keras 3 computes it.
struct NadamOptions: OptimizerKind {
  package static let name = "nadam"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  let rate: Float
  var beta1: Float?
  var beta2: Float?
  var epsilon: Float?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case rate, beta1, beta2, epsilon
  }

  private var moments: AdamMoments { AdamMoments(beta1: beta1, beta2: beta2, epsilon: epsilon) }

  let slots: [OptimizerSlot] = [.first, .second]

  func check() throws(NeuralError) { try moments.check(Self.name) }

  func makeRule() -> any OptimizerRule { Nadam(moments: moments) }
}

/// The rule of ``NadamOptions``.
private struct Nadam: OptimizerRule {
  let moments: AdamMoments
  private var product = MomentumProduct()

  init(moments: AdamMoments) { self.moments = moments }

  mutating func update(
    _ parameter: Parameter, _ slots: [FloatBuffer], step: Int, rate: Float, momentum: Float
  ) -> Double {
    let (beta1, beta2) = (Double(moments.beta1), Double(moments.beta2))
    let time = Double(step + 1)
    // The momentum grows with the steps; the product of all momenta so far corrects the bias.
    func momentum(_ time: Double) -> Double { beta1 * (1 - 0.5 * pow(0.96, time)) }
    let product = product.upTo(step + 1, momentum)
    let (now, next) = (momentum(time), momentum(time + 1))
    let adam = CAdam(
      rate: rate, beta1: moments.beta1, beta2: moments.beta2, epsilon: moments.epsilon,
      l2: 2 * parameter.l2, decay: 0, momentum_share: Float(next / (1 - product * next)),
      gradient_share: Float((1 - now) / (1 - product)),
      second_share: Float(1 / (1 - pow(beta2, time))))
    return ckernels_adam(
      parameter.count, adam, parameter.gradient.start, slots[0].start, slots[1].start, nil,
      parameter.values.start)
  }
}

/// The product of the momenta of all steps so far, which Nadam uses for bias correction.
///
/// Multiplied once per step in the order of the steps, so that a resumed run has the same bits.
private struct MomentumProduct {
  private var count = 0
  private var product = 1.0

  mutating func upTo(_ count: Int, _ momentum: (Double) -> Double) -> Double {
    if count < self.count { self = MomentumProduct() }
    while self.count < count {
      self.count += 1
      product *= momentum(Double(self.count))
    }
    return product
  }
}

extension OptimizerSpecification {
  /// Adam with Nesterov momentum.
  public static func nadam(
    rate: Float, beta1: Float?, beta2: Float?, epsilon: Float?
  ) -> OptimizerSpecification {
    .init(NadamOptions(rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon))
  }
}

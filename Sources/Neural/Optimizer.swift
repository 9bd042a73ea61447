internal import CKernels
import Foundation

/// Moves weights along their gradients, in one pass over each weight and its memory.
///
/// A class because it owns that memory.
public final class Optimizer {
  private let specification: OptimizerSpecification
  /// The memory of gradients, by what it is and the parameter's name, as a checkpoint keeps it.
  public private(set) var memory: [String: FloatBuffer] = [:]
  /// The same, as a step looks it up: without making a name.
  private var slots: [Slot: [ObjectIdentifier: FloatBuffer]] = [:]

  /// What a tensor of the memory is, as the first part of its name.
  private enum Slot: String {
    case velocity
    case first
    case second
    case largest
  }

  /// An optimiser without memory of gradients.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public init(_ specification: OptimizerSpecification) throws(NeuralError) {
    try specification.check()
    self.specification = specification
  }

  /// Moves every trainable parameter.
  ///
  /// - Parameters:
  ///   - parameters: the parameters with their gradients; the weight decay their layers ask for is
  ///     added to these.
  ///   - step: how many steps lie behind.
  ///   - rate: the learning rate; `nil` for the recipe's own.
  ///   - momentum: the momentum of gradient descent, in 0..<1; `nil` for the recipe's own.
  public func update(
    _ parameters: [Parameter], step: Int, rate: Float? = nil, momentum: Float? = nil
  ) {
    let rate = rate ?? specification.rate
    for parameter in parameters where parameter.isTrainable {
      switch specification {
      case .sgd(_, let own, let nesterov):
        ckernels_momentum(
          parameter.count,
          CMomentum(
            rate: rate, momentum: momentum ?? own ?? 0, l2: 2 * parameter.l2,
            nesterov: nesterov == true ? 1 : 0), parameter.gradient.start,
          slot(.velocity, parameter).start, parameter.values.start)
      case .rmsprop(_, let rho, let epsilon):
        ckernels_rmsprop(
          parameter.count, rate, rho, epsilon, 2 * parameter.l2, parameter.gradient.start,
          slot(.velocity, parameter).start, parameter.values.start)
      case .adam(_, _, _, _, let amsgrad):
        adam(parameter, step, rate, hasLargest: amsgrad == true)
      case .adamw, .nadam: adam(parameter, step, rate, hasLargest: false)
      }
    }
  }

  private func adam(_ parameter: Parameter, _ step: Int, _ rate: Float, hasLargest: Bool) {
    ckernels_adam(
      parameter.count, coefficients(step, rate, l2: 2 * parameter.l2), parameter.gradient.start,
      slot(.first, parameter).start, slot(.second, parameter).start,
      hasLargest ? slot(.largest, parameter).start : nil, parameter.values.start)
  }

  private func coefficients(_ step: Int, _ rate: Float, l2: Float) -> CAdam {
    let (beta1, beta2, epsilon) =
      switch specification {
      case .adam(_, let beta1, let beta2, let epsilon, _),
        .adamw(_, _, let beta1, let beta2, let epsilon),
        .nadam(_, let beta1, let beta2, let epsilon):
        (beta1 ?? 0.9, beta2 ?? 0.999, epsilon ?? 1e-7)
      default: preconditionFailure("\(specification.name) has no moments")
      }
    let time = Double(step + 1)
    var adam = CAdam(
      rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, l2: l2, decay: 0,
      momentum_share: 1, gradient_share: 0, second_share: 1)
    if case .nadam = specification {
      // The momentum grows with the steps; the product of all so far corrects its beginning.
      func momentum(_ time: Double) -> Double { Double(beta1) * (1 - 0.5 * pow(0.96, time)) }
      var product = 1.0
      for earlier in 1...(step + 1) { product *= momentum(Double(earlier)) }
      let (now, next) = (momentum(time), momentum(time + 1))
      adam.momentum_share = Float(next / (1 - product * next))
      adam.gradient_share = Float((1 - now) / (1 - product))
      adam.second_share = Float(1 / (1 - pow(Double(beta2), time)))
    } else {
      let correction =
        (1 - pow(Double(beta2), time)).squareRoot() / (1 - pow(Double(beta1), time))
      adam.rate = Float(Double(rate) * correction)
    }
    if case .adamw(_, let decay, _, _, _) = specification { adam.decay = rate * decay }
    return adam
  }

  private func slot(_ slot: Slot, _ parameter: Parameter) -> FloatBuffer {
    let identity = ObjectIdentifier(parameter)
    if let buffer = slots[slot]?[identity] { return buffer }
    let key = "\(slot.rawValue).\(parameter.name)"
    let buffer = memory[key] ?? FloatBuffer(count: parameter.count)
    memory[key] = buffer
    slots[slot, default: [:]][identity] = buffer
    return buffer
  }

  /// Takes up the memory of a checkpoint.
  public func restore(_ state: [String: [Float]]) {
    memory = state.mapValues { FloatBuffer($0) }
    slots = [:]
  }
}

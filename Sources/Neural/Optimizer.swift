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
  private var momentumProduct = MomentumProduct()

  /// The product of the momenta of all steps so far, which Nadam corrects its beginning with.
  ///
  /// Multiplied once a step and in the order of the steps, so that a run that goes on has the same bits.
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

  /// What a tensor of the memory is, as the first part of its name.
  fileprivate enum Slot: String {
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
      let product = momentumProduct.upTo(step + 1, momentum)
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
  ///
  /// - Parameters:
  ///   - state: the memory by what it is and the parameter's name.
  ///   - parameters: what is trained.
  ///   - step: how many steps the checkpoint has behind it; at 0 there is no memory.
  /// - Throws: ``NeuralError/foreignWeights(reason:)`` when a tensor is missing, too many, of another
  ///   length, or has values that are NaN or infinite; the memory stays as it was then.
  public func restore(
    _ state: [String: (shape: [Int], values: [Float])], for parameters: [Parameter], step: Int
  ) throws(NeuralError) {
    var wanted: [String: Int] = [:]
    for parameter in parameters where parameter.isTrainable && step > 0 {
      for slot in specification.slots {
        wanted["\(slot.rawValue).\(parameter.name)"] = parameter.count
      }
    }
    if let extra = state.keys.sorted().first(where: { wanted[$0] == nil }) {
      throw .foreignWeights(reason: "this optimiser has no memory \(extra)")
    }
    for (name, count) in wanted.sorted(by: { $0.key < $1.key }) {
      guard let found = state[name] else {
        throw .foreignWeights(reason: "the optimiser's memory \(name) is missing")
      }
      guard found.shape == [count] else {
        throw .foreignWeights(
          reason: "the optimiser's memory \(name) has the shape \(found.shape), not [\(count)]")
      }
      guard found.values.allSatisfy(\.isFinite) else {
        throw .foreignWeights(
          reason: "the optimiser's memory \(name) has values that are no numbers")
      }
    }
    memory = state.mapValues { FloatBuffer($0.values) }
    slots = [:]
  }
}

extension OptimizerSpecification {
  /// What an optimiser remembers of each weight.
  fileprivate var slots: [Optimizer.Slot] {
    switch self {
    case .sgd, .rmsprop: [.velocity]
    case .adam(_, _, _, _, let amsgrad):
      amsgrad == true ? [.first, .second, .largest] : [.first, .second]
    case .adamw, .nadam: [.first, .second]
    }
  }
}

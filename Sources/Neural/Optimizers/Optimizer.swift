/// Updates weights from their gradients, in one pass over each weight and its memory.
///
/// A class because it owns that memory.
public final class Optimizer {
  private let specification: OptimizerSpecification
  /// The memory of gradients by slot and parameter name, as stored in a checkpoint.
  public private(set) var memory: [String: FloatBuffer] = [:]
  /// The same memory in a form that a step can look up without creating strings.
  private var slots: [ObjectIdentifier: [FloatBuffer]] = [:]
  private var rule: any OptimizerRule

  /// Creates an optimiser without memory of gradients.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public init(_ specification: OptimizerSpecification) throws(NeuralError) {
    try specification.check()
    self.specification = specification
    rule = specification.kind.makeRule()
  }

  /// Updates every trainable parameter.
  ///
  /// - Parameters:
  ///   - parameters: the parameters with their gradients, to which the weight decay of their layers
  ///     is added.
  ///   - step: the number of steps done so far.
  ///   - rate: the learning rate; `nil` for the rate in the recipe.
  ///   - momentum: the momentum of gradient descent, in 0..<1; `nil` for the momentum in the
  ///     recipe.
  /// - Returns: the weight decay before the update: the sum of l2 w^2 over all trainable weights.
  @discardableResult
  public func update(
    _ parameters: [Parameter], step: Int, rate: Float? = nil, momentum: Float? = nil
  ) -> Double {
    let rate = rate ?? specification.rate
    let momentum = momentum ?? specification.momentum ?? 0
    var decay = 0.0
    for parameter in parameters where parameter.isTrainable {
      let squares = rule.update(
        parameter, buffers(of: parameter), step: step, rate: rate, momentum: momentum)
      decay += Double(parameter.l2) * squares
      parameter.change()
    }
    return decay
  }

  private func buffers(of parameter: Parameter) -> [FloatBuffer] {
    let identity = ObjectIdentifier(parameter)
    if let buffers = slots[identity] { return buffers }
    let buffers = specification.kind.slots.map { slot in
      let key = "\(slot.rawValue).\(parameter.name)"
      let buffer = memory[key] ?? FloatBuffer(count: parameter.count)
      memory[key] = buffer
      return buffer
    }
    slots[identity] = buffers
    return buffers
  }

  /// Restores the memory of a checkpoint.
  ///
  /// - Parameters:
  ///   - state: the memory by slot and parameter name.
  ///   - parameters: the trained parameters.
  ///   - step: the number of steps done at the checkpoint; at 0 there is no memory.
  /// - Throws: ``NeuralError/foreignWeights(reason:)`` if a tensor is missing, unexpected, of the
  ///   wrong length, or contains NaN or infinity. The memory is then unchanged.
  public func restore(
    _ state: [String: (shape: [Int], values: [Float])], for parameters: [Parameter], step: Int
  ) throws(NeuralError) {
    var wanted: [String: Int] = [:]
    for parameter in parameters where parameter.isTrainable && step > 0 {
      for slot in specification.kind.slots {
        wanted["\(slot.rawValue).\(parameter.name)"] = parameter.count
      }
    }
    if let extra = state.keys.sorted().first(where: { wanted[$0] == nil }) {
      throw .foreignWeights(
        reason: "the checkpoint has the optimiser state \(extra), which this optimiser does not use"
      )
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
          reason: "the optimiser's memory \(name) has values that are NaN or infinite")
      }
    }
    memory = state.mapValues { FloatBuffer($0.values) }
    slots = [:]
  }
}

/// Moves weights along their gradients, in one pass over each weight and its memory.
///
/// A class because it owns that memory.
public final class Optimizer {
  private let specification: OptimizerSpecification
  /// The memory of gradients, by what it is and the parameter's name, as a checkpoint keeps it.
  public private(set) var memory: [String: FloatBuffer] = [:]
  /// The same, as a step looks it up: without making a name.
  private var slots: [ObjectIdentifier: [FloatBuffer]] = [:]
  private var rule: any OptimizerRule

  /// An optimiser without memory of gradients.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public init(_ specification: OptimizerSpecification) throws(NeuralError) {
    try specification.check()
    self.specification = specification
    rule = specification.kind.makeRule()
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
    let momentum = momentum ?? specification.momentum ?? 0
    for parameter in parameters where parameter.isTrainable {
      rule.update(parameter, buffers(of: parameter), step: step, rate: rate, momentum: momentum)
    }
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
      for slot in specification.kind.slots {
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
          reason: "the optimiser's memory \(name) has values that are NaN or infinite")
      }
    }
    memory = state.mapValues { FloatBuffer($0.values) }
    slots = [:]
  }
}

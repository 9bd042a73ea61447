/// The options of the weights of a head.
struct HeadOptions: Codable, Equatable, Sendable {
  /// The initial weights; defaults to Glorot uniform.
  var kernelInitializer: Initializer?
  /// The initial bias; defaults to 0.
  var biasInitializer: Initializer?
  /// L2 weight decay of the weights, not of the bias; defaults to 0.
  var l2: Float?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case l2
    case kernelInitializer = "kernel-initializer"
    case biasInitializer = "bias-initializer"
  }

  /// Creates the weights, `[count, 1]`, and the bias, `[1]`.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func parameters(count: Int, seed: Int, isTrainable: Bool) throws(NeuralError) -> [Parameter] {
    let context = LayerContext(
      input: .features(count), rows: 1, seed: seed, isTrainable: isTrainable
    ).over(.features(count), named: "head")
    return [
      try context.parameter(
        "kernel", shape: [count, 1], kernelInitializer ?? .glorotUniform, fanIn: count, fanOut: 1,
        l2: l2 ?? 0),
      try context.parameter(
        "bias", shape: [1], biasInitializer ?? .constant(value: 0), fanIn: count, fanOut: 1),
    ]
  }
}

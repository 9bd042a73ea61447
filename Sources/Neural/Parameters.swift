extension [Parameter] {
  /// Whether every weight is a number.
  public var areFinite: Bool {
    allSatisfy { parameter in
      UnsafeBufferPointer(start: parameter.values.start, count: parameter.count)
        .allSatisfy(\.isFinite)
    }
  }

  /// Takes the weights of a checkpoint by name.
  ///
  /// - Throws: ``NeuralError/foreignWeights(reason:)`` when one is missing or has another shape.
  public func load(_ weights: [String: (shape: [Int], values: [Float])]) throws(NeuralError) {
    for parameter in self {
      guard let found = weights[parameter.name] else {
        throw .foreignWeights(reason: "there is no \(parameter.name)")
      }
      guard found.shape == parameter.shape else {
        throw .foreignWeights(
          reason: "\(parameter.name) has the shape \(found.shape), not \(parameter.shape)")
      }
      parameter.values.replace(with: found.values)
    }
  }
}

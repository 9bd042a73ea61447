extension [Parameter] {
  /// Whether every weight is finite.
  public var areFinite: Bool {
    allSatisfy { parameter in
      UnsafeBufferPointer(start: parameter.values.start, count: parameter.count)
        .allSatisfy(\.isFinite)
    }
  }

  /// Loads the weights of a checkpoint by name.
  ///
  /// - Parameters:
  ///   - weights: the weights.
  ///   - ignored: the name prefix of weights that belong to another component.
  /// - Throws: ``NeuralError/foreignWeights(reason:)`` if an array is missing, unexpected, of the
  ///   wrong shape, or contains NaN or infinity.
  public func load(
    _ weights: [String: (shape: [Int], values: [Float])], ignoring ignored: String? = nil
  ) throws(NeuralError) {
    let known = Set(map(\.name))
    if let extra = weights.keys.sorted().first(where: { name in
      !known.contains(name) && !(ignored.map { name.hasPrefix($0) } ?? false)
    }) {
      throw .foreignWeights(reason: "this network has no \(extra)")
    }
    for parameter in self {
      guard let found = weights[parameter.name] else {
        throw .foreignWeights(reason: "there is no \(parameter.name)")
      }
      guard found.shape == parameter.shape else {
        throw .foreignWeights(
          reason: "\(parameter.name) has the shape \(found.shape), not \(parameter.shape)")
      }
      guard found.values.allSatisfy(\.isFinite) else {
        throw .foreignWeights(reason: "\(parameter.name) has values that are NaN or infinite")
      }
    }
    // Everything is checked before anything is changed.
    for parameter in self {
      guard let found = weights[parameter.name] else { continue }
      parameter.values.replace(with: found.values)
      parameter.change()
    }
  }
}

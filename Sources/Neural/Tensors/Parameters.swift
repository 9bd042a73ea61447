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
  /// - Parameters:
  ///   - weights: the weights.
  ///   - ignored: what the names of weights begin with that are another's.
  /// - Throws: ``NeuralError/foreignWeights(reason:)`` when one is missing, too many, of another
  ///   shape or no number.
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
        throw .foreignWeights(reason: "\(parameter.name) has values that are no numbers")
      }
      parameter.values.replace(with: found.values)
    }
  }
}

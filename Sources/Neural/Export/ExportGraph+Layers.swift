extension ExportGraph {
  /// Exports a tower.
  ///
  /// - Parameters:
  ///   - specifications: the layers, from input to output.
  ///   - input: the shape of one row of the input.
  ///   - weights: the weights of each parameter by name, as in ``Tower/parameters``.
  /// - Throws: ``NeuralError`` if the layers do not fit, or weights are missing.
  public init(
    _ specifications: [LayerSpecification], input: ActivationShape, weights: [String: [Float]]
  ) throws(NeuralError) {
    self.init(input: input, weights: weights)
    let last = try add(specifications, path: "", over: input, Self.input)
    guard
      case .features(let length) = LayerSpecification.outputShape(of: specifications, for: input)
    else { throw .badOption(what: "tower", reason: "its last layer must give features") }
    end(last, length: length)
  }

  /// Adds layers in order.
  ///
  /// - Parameters:
  ///   - specifications: the layers.
  ///   - path: the position of the enclosing layer, "" for none.
  ///   - shape: the shape of one row of the input.
  ///   - source: the name of the input.
  /// - Returns: the name of the output.
  /// - Throws: ``NeuralError`` if a layer does not fit.
  mutating func add(
    _ specifications: [LayerSpecification], path: String, over shape: ActivationShape,
    _ source: String
  ) throws(NeuralError) -> String {
    var (shape, source) = (shape, source)
    for (index, specification) in specifications.enumerated() {
      let place = ExportPlace(
        path: path.isEmpty ? "\(index)" : "\(path).\(index)", name: specification.name,
        input: shape)
      source = try specification.kind.export(place, source, to: &self)
      guard let next = specification.outputShape(for: shape) else {
        throw .doesNotFit(
          layer: place.name, path: place.path, input: shape.description, needs: "another input")
      }
      shape = next
    }
    return source
  }
}

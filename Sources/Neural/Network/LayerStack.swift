/// Layers built one over the other; where the numbers of two differ, a cast goes between them.
struct LayerStack {
  private(set) var layers: [any Layer] = []
  /// What the last layer gives for one row.
  private(set) var shape: ActivationShape
  /// What the last layer's output is made of.
  private(set) var precision: Precision
  private let context: LayerContext

  /// No layers yet, over an input of this shape.
  init(over input: ActivationShape, _ context: LayerContext) {
    self.context = context
    shape = input
    precision = context.inputPrecision
  }

  /// Builds layers over those there are.
  ///
  /// - Throws: ``NeuralError`` that names the layer which cannot be built.
  mutating func append(_ specifications: [LayerSpecification]) throws(NeuralError) {
    var index = 0
    while index < specifications.count {
      let specification = specifications[index]
      let next = index + 1 < specifications.count ? specifications[index + 1] : nil
      if !context.keepsLayersApart,
        let both = try PlanarConvolution.make(
          specification, next, context: place(of: specification, index))
      {
        cast(to: .float32)
        append(both)
        index += 2
      } else {
        try append(specification, index: index)
        index += 1
      }
    }
  }

  private mutating func append(
    _ specification: LayerSpecification, index: Int
  ) throws(NeuralError) {
    switch specification.kind.inputPrecision {
    case .any: break
    case .float32: cast(to: .float32)
    case .network:
      // Features are 32-bit floats throughout.
      if case .image = shape { cast(to: context.precision) } else { cast(to: .float32) }
    }
    append(try specification.kind.makeLayer(place(of: specification, index)))
  }

  private mutating func append(_ layer: any Layer) {
    layers.append(layer)
    (shape, precision) = (layer.outputShape, layer.outputPrecision)
  }

  /// Adds a cast, unless the last layer's output is made of these numbers.
  mutating func cast(to wanted: Precision) {
    if precision != wanted { append(Cast(shape, to: wanted)) }
  }

  private func place(of specification: LayerSpecification, _ index: Int) -> LayerContext {
    context.over(
      shape, index: index, name: specification.name, inputPrecision: precision,
      isAboveWeights: layers.contains { !$0.parameters.isEmpty })
  }
}

/// The layers of a chain, with the format of each edge between them.
///
/// Each layer produces the format that the next one reads, if it can; where formats differ, a
/// ``Conversion`` goes between them.
struct LayerPlan {
  /// The layers, from input to output.
  private(set) var layers: [any Layer] = []
  /// The shape and the format of one row of the last layer's output.
  private(set) var shape: ActivationShape
  private(set) var format: Format
  private let input: (shape: ActivationShape, format: Format)
  private let context: LayerContext

  /// Builds the layers.
  ///
  /// - Parameters:
  ///   - specifications: the layers, from input to output.
  ///   - input: the shape of one row of the input.
  ///   - context: the values common to all layers.
  ///   - output: the precision of the output; defaults to that of the last layer.
  /// - Throws: ``NeuralError`` that names the layer that cannot be built.
  init(
    _ specifications: [LayerSpecification], input: ActivationShape, context: LayerContext,
    output: Precision?
  ) throws(NeuralError) {
    self.context = context
    self.input = (input, context.inputFormat)
    (shape, format) = (input, context.inputFormat)
    let segments = try LayerSegment.segments(of: specifications, input: input, context: context)
    for (index, segment) in segments.enumerated() {
      convert(to: segment.reads.format(of: format, shape, network: context.precision))
      let wanted = wanted(by: segments[(index + 1)...], output)
      append(
        try segment.layer(
          context, formats: (format, wanted),
          isAboveWeights: layers.contains { !$0.parameters.isEmpty },
          isAboveLayers: !layers.isEmpty))
    }
    convert(to: Format(precision: output ?? format.precision))
    for (below, above) in zip(layers, layers.dropFirst()) { above.takeOver(from: below) }
  }

  /// The format that the next layers read best: the first of them that does not read every format
  /// decides.
  private func wanted(by segments: ArraySlice<LayerSegment>, _ output: Precision?) -> Format {
    for segment in segments {
      switch segment.reads {
      case .any: continue
      case .planes: return Format(precision: .float32, layout: .planes)
      case .interleaved: return Format(precision: context.precision)
      case .network, .float32:
        return segment.reads.format(of: .float32, segment.input, network: context.precision)
      }
    }
    return Format(precision: output ?? context.precision)
  }

  private mutating func append(_ layer: any Layer) {
    layers.append(layer)
    (shape, format) = (layer.outputShape, layer.outputFormat)
  }

  /// Adds a conversion, unless the last layer's output has this format.
  private mutating func convert(to wanted: Format) {
    guard format != wanted else { return }
    append(Conversion(shape, rows: context.rows, from: format, to: wanted))
  }

  /// For each layer, whether its output is a view of its input in another shape.
  var isView: [Bool] { layers.map(\.isView) }

  /// The number of values of each layer's output and their precision.
  var outputs: [(count: Int, precision: Precision)] {
    layers.map { (context.rows * $0.outputShape.count, $0.outputPrecision) }
  }

  /// The number of values of each layer's input and their precision.
  var inputs: [(count: Int, precision: Precision)] {
    guard !layers.isEmpty else { return [] }
    return [(context.rows * input.shape.count, input.format.precision)] + outputs.dropLast()
  }
}

/// Layers of a network's file that are computed as one layer: most are alone.
struct LayerSegment {
  /// The position of the first layer.
  let first: Int
  let specifications: [LayerSpecification]
  /// The shape of one row of the input.
  let input: ActivationShape
  /// How several layers become one; `nil` for one layer.
  let fusion: (any LayerFusion.Type)?

  /// The formats that the layer reads.
  var reads: ReadableFormats { fusion?.reads ?? specifications[0].kind.reads }

  /// Divides layers into segments.
  ///
  /// - Parameters:
  ///   - specifications: the layers, from input to output.
  ///   - input: the shape of one row of the input.
  ///   - context: the values common to all layers.
  /// - Returns: the segments. A layer that does not fit its input is alone, and so are those above.
  /// - Throws: ``NeuralError`` if a measurement fails.
  static func segments(
    of specifications: [LayerSpecification], input: ActivationShape, context: LayerContext
  ) throws(NeuralError) -> [LayerSegment] {
    var segments: [LayerSegment] = []
    var shape = input
    var fits = true
    var index = 0
    while index < specifications.count {
      // A layer that trains is not fused with one that does not.
      let end = index < context.frozenLayers ? context.frozenLayers : specifications.count
      let rest = specifications[index..<min(end, specifications.count)]
      var length = 1
      var chosen: (any LayerFusion.Type)?
      if fits, !context.keepsLayersApart {
        let place = context.over(
          shape, index: index, name: specifications[index].name, isAboveWeights: index > 0)
        for fusion in LayerFusions.all where chosen == nil {
          guard let found = try fusion.length(rest, context: place) else { continue }
          (length, chosen) = (found, fusion)
        }
      }
      let own = Array(rest.prefix(length))
      segments.append(
        LayerSegment(first: index, specifications: own, input: shape, fusion: chosen))
      if let output = LayerSpecification.outputShape(of: own, for: shape) {
        shape = output
      } else {
        fits = false
      }
      index += length
    }
    return segments
  }

  /// Builds the layer.
  ///
  /// - Parameters:
  ///   - context: the values common to all layers.
  ///   - formats: the formats of its input and, if it can produce it, of its output.
  ///   - isAboveWeights: whether a layer below has weights.
  ///   - isAboveLayers: whether there is a layer below.
  /// - Returns: the layer.
  /// - Throws: ``NeuralError`` that names the layer that cannot be built.
  func layer(
    _ context: LayerContext, formats: (input: Format, wanted: Format), isAboveWeights: Bool,
    isAboveLayers: Bool
  ) throws(NeuralError) -> any Layer {
    var contexts: [LayerContext] = []
    var shape = input
    for (offset, specification) in specifications.enumerated() {
      contexts.append(
        context.over(
          shape, index: first + offset, name: specification.name, formats: formats,
          isAboveLayers: isAboveLayers, isAboveWeights: isAboveWeights || offset > 0))
      shape = specification.outputShape(for: shape) ?? shape
    }
    guard let fusion else { return try specifications[0].kind.makeLayer(contexts[0]) }
    return try fusion.make(specifications, contexts: contexts)
  }
}

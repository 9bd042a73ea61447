import Configuration

/// A kind of layer with its options, as in a network's file: `dense: {units: 50}`.
///
/// ``LayerKinds`` lists all kinds.
protocol LayerKind: NamedKind {
  /// The formats that the layer reads.
  var reads: ReadableFormats { get }

  /// The shape of one row of the output; `nil` if the input does not fit.
  ///
  /// Builds nothing. Used to find the smallest input of a network.
  func outputShape(for input: ActivationShape) -> ActivationShape?

  /// Builds the layer.
  ///
  /// - Throws: ``NeuralError`` if the input does not fit or an option is invalid.
  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer

  /// Adds the operators of the layer for inference to a graph.
  ///
  /// - Parameters:
  ///   - place: the place of the layer.
  ///   - source: the name of the input.
  ///   - graph: the graph.
  /// - Returns: the name of the output.
  /// - Throws: ``NeuralError`` if weights are missing.
  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String
}

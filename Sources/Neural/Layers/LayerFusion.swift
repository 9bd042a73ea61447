/// Several layers of a network's file that are computed as one.
///
/// ``LayerFusions`` lists all fusions.
protocol LayerFusion: SendableMetatype {
  /// The formats that the layer reads.
  static var reads: ReadableFormats { get }

  /// The number of layers, from the first of `specifications`, that are computed as one; `nil` if this
  /// is not possible or slower.
  ///
  /// - Throws: ``NeuralError`` if a measurement fails.
  static func length(
    _ specifications: ArraySlice<LayerSpecification>, context: LayerContext
  ) throws(NeuralError) -> Int?

  /// Builds the layer from these specifications.
  ///
  /// - Parameters:
  ///   - specifications: as many as ``length(_:context:)`` gives.
  ///   - contexts: the context of each.
  /// - Returns: the layer.
  /// - Throws: ``NeuralError`` if an option is invalid.
  static func make(
    _ specifications: [LayerSpecification], contexts: [LayerContext]
  ) throws(NeuralError) -> any Layer
}

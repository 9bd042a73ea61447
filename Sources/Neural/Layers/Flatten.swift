/// The options of a layer that flattens an image to one row of features.
struct FlattenOptions: LayerKind {
  package static let name = "flatten"
  package static let optionNames: [String]? = []

  var inputPrecision: LayerInputPrecision { .any }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    .features(input.count)
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    guard case .image = place.input else { return source }
    // Features are in the order row, column, channel.
    let rows = graph.add("Transpose", [source], ["perm": .ints([0, 2, 3, 1])])
    let shape = graph.constant(.integers([-1, place.input.count]), shape: [2])
    return graph.add("Reshape", [rows, shape])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    Flatten(context: context)
  }
}

extension LayerSpecification {
  /// Flattens an image to one row of features.
  public static var flatten: LayerSpecification { .init(FlattenOptions()) }
}

/// Flattens an image to one row of features in memory order, as 32-bit floats.
final class Flatten: CopyingLayer {
  let outputShape: ActivationShape

  init(context: LayerContext) {
    outputShape = .features(context.input.count)
  }
}

/// The options of a layer that flattens an image to one row of features.
struct FlattenOptions: LayerKind {
  package static let name = "flatten"
  package static let optionNames: [String]? = []

  var reads: ReadableFormats { .float32 }

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
///
/// Copies nothing, except as the first layer of a network, whose input has memory of its own.
final class Flatten: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  let isView: Bool

  init(context: LayerContext) {
    outputShape = .features(context.input.count)
    isView = context.isAboveLayers
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    output.copy(input)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    inputGradient?.copy(outputGradient)
  }
}

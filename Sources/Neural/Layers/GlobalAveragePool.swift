internal import CKernels

/// The options of a layer that takes the mean of each channel over all pixels.
public struct GlobalAveragePoolOptions: LayerKind {
  package static let name = "global-average-pool"
  package static let optionNames: [String]? = []

  var reads: ReadableFormats { .float32 }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    if case .image(_, _, let channels) = input { .features(channels) } else { nil }
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    graph.add("Flatten", [graph.add("GlobalAveragePool", [source])], ["axis": .int(1)])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try GlobalAveragePool(context: context)
  }
}

extension LayerSpecification {
  /// Takes the mean of each channel over all pixels.
  public static var globalAveragePool: LayerSpecification { .init(GlobalAveragePoolOptions()) }
}

/// out[c] = the mean over y and x of in[y, x, c]; `[rows, height, width, channel]` to
/// `[rows, channel]`.
///
/// Source: Lin, Chen and Yan, Network In Network, 2014, section 3.2.
final class GlobalAveragePool: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let shape: CImageShape

  init(context: LayerContext) throws(NeuralError) {
    shape = try context.imageShape()
    outputShape = .features(shape.channels)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    cgeometry_mean(shape, input.start, output.start)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    cgeometry_mean_backward(shape, outputGradient.start, inputGradient.start)
  }
}

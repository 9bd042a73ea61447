internal import CKernels

/// The options of a layer that takes the mean of each window.
public struct AveragePoolOptions: WindowPoolOptions {
  package static let name = "average-pool"

  /// The side of the square window; windows do not overlap.
  public var window: Int

  /// Creates the options.
  public init(window: Int) { self.window = window }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    graph.add(
      "AveragePool", [source],
      ["kernel_shape": .ints([window, window]), "strides": .ints([window, window])])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try AveragePool(window: window, context: context)
  }
}

extension LayerSpecification {
  /// A layer that takes the mean of each window.
  public static func averagePool(_ options: AveragePoolOptions) -> LayerSpecification {
    .init(options)
  }
}

/// out[y, x, c] = the mean of in[y w + i, x w + j, c] for i, j in 0..<w.
///
/// Rows and columns that do not fill a window are ignored.
final class AveragePool: Layer {
  let outputShape: ActivationShape
  let outputFormat: Format
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let shape: CPoolShape

  init(window: Int, context: LayerContext) throws(NeuralError) {
    (shape, outputShape) = try context.pool(window: window)
    outputFormat = context.inputFormat
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    ckernels_average_pool(shape, input.element, input.raw, output.raw)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    ckernels_average_pool_backward(
      shape, outputGradient.element, outputGradient.raw, inputGradient.raw)
  }
}

internal import CKernels

/// The options of a layer that takes the maximum of each window.
public struct MaxPoolOptions: WindowPoolOptions {
  package static let name = "max-pool"

  /// The side of the square window; windows do not overlap.
  public var window: Int

  /// Creates the options.
  public init(window: Int) { self.window = window }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    graph.add(
      "MaxPool", [source],
      ["kernel_shape": .ints([window, window]), "strides": .ints([window, window])])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try MaxPool(window: window, context: context)
  }
}

extension LayerSpecification {
  /// A layer that takes the maximum of each window.
  public static func maxPool(_ options: MaxPoolOptions) -> LayerSpecification { .init(options) }
}

/// out[y, x, c] = the maximum of in[y w + i, x w + j, c] for i, j in 0..<w.
///
/// Rows and columns that do not fill a window are ignored. If values are equal, the gradient goes
/// to the first.
final class MaxPool: Layer {
  let outputShape: ActivationShape
  let outputFormat: Format
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private var shape: CPoolShape

  init(window: Int, context: LayerContext) throws(NeuralError) {
    (shape, outputShape) = try context.pool(window: window)
    outputFormat = context.inputFormat
  }

  /// Applies the gradient of a ReLU directly below too, because this layer reads its values anyway.
  func takeOver(from below: any Layer) {
    guard let below = below as? any RectifiedLayer, below.activation == .relu else { return }
    below.isActivationGradientApplied = true
    shape.over_relu = 1
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    ckernels_max_pool(shape, input.element, input.raw, output.raw)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    ckernels_max_pool_backward(
      shape, input.element, input.raw, output.raw, outputGradient.raw, inputGradient.raw)
  }
}

/// One layer of a network for a fixed number of rows.
///
/// Each layer implements forward and backward next to each other.
///
/// Bound to classes because a layer owns library handles and weights.
protocol Layer: AnyObject {
  /// The shape of one row of the output.
  var outputShape: ActivationShape { get }
  /// The format of the output.
  var outputFormat: Format { get }
  /// Whether the output has the values of the input in another shape, so that it needs no memory.
  var isView: Bool { get }
  /// The parameters of the layer.
  var parameters: [Parameter] { get }
  /// The lowest precision in which the layer or a layer within it computes.
  var computingPrecision: Precision { get }
  /// Number of multiply-add operations per row.
  var multiplyAdds: Int { get }
  /// Number of bytes of memory that the layer does not share, during training, in addition to
  /// weights, input, output and their gradients.
  var workBytes: Int { get }
  /// Number of bytes of working memory that other layers use as well.
  var sharedBytes: Int { get }
  /// The parts of the layer, if it replaces several layers of a network's file.
  var parts: [LayerPart] { get }

  /// Takes over work of the layer directly below, if it can.
  func takeOver(from below: any Layer)

  /// Computes the output of every row.
  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError)

  /// Computes the gradients of the parameters and, if `inputGradient` is given, of the input.
  /// `outputGradient` may be overwritten.
  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError)
}

/// A layer that ends in an activation, whose gradient the layer above can apply.
protocol RectifiedLayer: Layer {
  var activation: Activation { get }
  /// Whether the layer above passes the gradient before the activation instead of the gradient of
  /// the output.
  var isActivationGradientApplied: Bool { get set }
}

/// The description of one layer of a network's file.
struct LayerPart {
  let outputShape: ActivationShape
  let parameters: [Parameter]
  let multiplyAdds: Int
}

extension Layer {
  var outputFormat: Format { .float32 }
  var outputPrecision: Precision { outputFormat.precision }
  var isView: Bool { false }
  var computingPrecision: Precision { outputPrecision }
  var workBytes: Int { 0 }
  var sharedBytes: Int { 0 }
  func takeOver(from below: any Layer) {}
  var parts: [LayerPart] {
    [LayerPart(outputShape: outputShape, parameters: parameters, multiplyAdds: multiplyAdds)]
  }
}

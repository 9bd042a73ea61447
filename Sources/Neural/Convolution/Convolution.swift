/// A two-dimensional convolution with bias.
///
/// As is usual in the field, it is a cross-correlation:
/// out[y, x, f] = activation(b[f]
///   + sum over i, j, c of in[s y + i - p, s x + j - p, c] k[i, j, c, f])
/// with stride s and zero padding p.
///
/// `[rows, height, width, channel]` to `[rows, (height + 2 p - kernel) / s + 1, ..., filter]`.
final class Convolution: Layer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
  let multiplyAdds: Int
  var parameters: [Parameter] { [kernel] + (bias.map { [$0] } ?? []) }
  var sharedBytes: Int { algorithm.sharedBytes }
  var workBytes: Int { algorithm.ownBytes }
  let activation: Activation
  /// Whether the layer above passes the gradient before the activation instead of the gradient of
  /// the output.
  var isActivationGradientApplied = false

  private let kernel: Parameter
  private let bias: Parameter?
  private let algorithm: any ConvolutionAlgorithm

  init(
    _ shape: ConvolutionShape, kernel: Parameter, bias: Parameter?, activation: Activation,
    context: LayerContext
  ) throws(NeuralError) {
    self.kernel = kernel
    self.bias = bias
    self.activation = activation
    let (hasBias, isReLU) = (bias != nil, activation == .relu)
    algorithm =
      shape.kernel == 1 && shape.stride > 1
      ? try SubsampledConvolution(shape, hasBias: hasBias, isReLU: isReLU, context: context)
      : try DirectConvolution(shape, hasBias: hasBias, isReLU: isReLU, context: context)
    outputShape = shape.output
    outputPrecision = context.inputPrecision
    multiplyAdds = shape.multiplyAdds
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    try algorithm.forward(input, kernel: kernel, bias: bias, into: output)
    if !activation.isFused { activation.apply(output) }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    if !isActivationGradientApplied { activation.back(output: output, gradient: outputGradient) }
    try algorithm.backward(
      input: input, kernel: kernel, bias: bias, outputGradient: outputGradient,
      inputGradient: inputGradient)
  }
}

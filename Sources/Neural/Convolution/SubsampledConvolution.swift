internal import CKernels

/// A strided convolution with a kernel of one pixel: the input is subsampled first.
///
/// oneDNN 2.6.3 also subsamples internally, but writes past the end of its memory for some numbers
/// of channels.
final class SubsampledConvolution: ConvolutionAlgorithm {
  private let direct: DirectConvolution
  private let grid: CGridShape
  private let subsampled: FloatBuffer
  private let subsampledGradient: FloatBuffer
  var sharedBytes: Int { direct.sharedBytes }
  var ownBytes: Int { subsampled.bytes + subsampledGradient.bytes }

  init(
    _ shape: ConvolutionShape, hasBias: Bool, isReLU: Bool, context: LayerContext
  ) throws(NeuralError) {
    let inner = shape.subsampled
    direct = try DirectConvolution(inner, hasBias: hasBias, isReLU: isReLU, context: context)
    grid = CGridShape(
      rows: shape.rows, height: shape.height, width: shape.width, channels: shape.channels,
      step: shape.stride)
    let count = shape.rows * inner.height * inner.width * inner.channels
    subsampled = FloatBuffer(count: count, precision: context.inputPrecision)
    subsampledGradient = FloatBuffer(
      count: context.isTrainable ? count : 0, precision: context.inputPrecision)
  }

  func forward(
    _ input: FloatBuffer, kernel: Parameter, bias: Parameter?, into output: FloatBuffer
  ) throws(NeuralError) {
    ckernels_subsample(grid, input.element, input.raw, subsampled.raw)
    try direct.forward(subsampled, kernel: kernel, bias: bias, into: output)
  }

  func backward(
    input: FloatBuffer, kernel: Parameter, bias: Parameter?, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?
  ) throws(NeuralError) {
    try direct.backward(
      input: subsampled, kernel: kernel, bias: bias, outputGradient: outputGradient,
      inputGradient: inputGradient == nil ? nil : subsampledGradient)
    guard let inputGradient else { return }
    ckernels_subsample_backward(
      grid, inputGradient.element, subsampledGradient.raw, inputGradient.raw)
  }
}

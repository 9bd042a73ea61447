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
  let isTransforming = false
  let appliesReLUGradient = false
  var sharedBytes: Int { direct.sharedBytes }
  var ownBytes: Int { subsampled.bytes + subsampledGradient.bytes }

  init(_ setup: ConvolutionSetup, isImagewise: Bool) throws(NeuralError) {
    let (shape, inner) = (setup.shape, setup.shape.subsampled)
    direct = try DirectConvolution(setup.over(inner), isImagewise: isImagewise)
    grid = CGridShape(
      rows: shape.rows, height: shape.height, width: shape.width, channels: shape.channels,
      step: shape.stride)
    let count = shape.rows * inner.height * inner.width * inner.channels
    subsampled = FloatBuffer(count: count, precision: setup.inputPrecision)
    subsampledGradient = FloatBuffer(
      count: setup.passes.contains(.data) ? count : 0, precision: setup.inputPrecision)
  }

  func forward(
    _ input: FloatBuffer, _ weights: ConvolutionWeights, isKernelNew: Bool, into output: FloatBuffer
  ) throws(NeuralError) {
    ckernels_subsample(grid, input.element, input.raw, subsampled.raw)
    try direct.forward(subsampled, weights, isKernelNew: isKernelNew, into: output)
  }

  func prepare(_ gradient: ConvolutionGradient, _ weights: ConvolutionWeights) {}

  func weightGradient(
    input: FloatBuffer, _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights
  ) throws(NeuralError) {
    try direct.weightGradient(input: subsampled, gradient, weights)
  }

  func dataGradient(
    _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights, into inputGradient: FloatBuffer
  ) throws(NeuralError) {
    try direct.dataGradient(gradient, weights, into: subsampledGradient)
    ckernels_subsample_backward(
      grid, inputGradient.element, subsampledGradient.raw, inputGradient.raw)
  }
}

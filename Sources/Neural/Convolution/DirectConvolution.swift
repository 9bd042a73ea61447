internal import COneDNN

/// The convolution computed directly by oneDNN, in the precision of the input.
final class DirectConvolution: ConvolutionAlgorithm {
  var sharedBytes: Int { conednn_convolution_scratch(handle) }
  let ownBytes = 0
  let isTransforming = false
  let appliesReLUGradient = false
  private let handle: OpaquePointer
  private let name: String

  init(_ setup: ConvolutionSetup) throws(NeuralError) {
    let shape = setup.shape
    let lengths = CDnnConvolutionShape(
      rows: Int32(shape.rows), height: Int32(shape.height), width: Int32(shape.width),
      channels: Int32(shape.channels), filters: Int32(shape.filters), kernel: Int32(shape.kernel),
      stride: Int32(shape.stride), padding: Int32(shape.padding), has_bias: setup.hasBias ? 1 : 0,
      is_bfloat16: setup.inputPrecision == .bfloat16 ? 1 : 0)
    guard
      let handle = conednn_convolution_create(
        lengths, setup.isReLU ? 1 : 0, Int32(setup.passes.rawValue))
    else { throw .library(layer: setup.name, operation: "creating") }
    self.handle = handle
    name = setup.name
  }

  deinit {
    conednn_convolution_destroy(handle)
  }

  func forward(
    _ input: FloatBuffer, _ weights: ConvolutionWeights, isKernelNew: Bool, into output: FloatBuffer
  ) throws(NeuralError) {
    let status = conednn_convolution_forward(
      handle, input.raw, isKernelNew ? weights.kernel.values.start : nil,
      weights.bias?.values.start, output.raw)
    guard status == 0 else { throw .library(layer: name, operation: "forward") }
  }

  func prepare(_ gradient: ConvolutionGradient, _ weights: ConvolutionWeights) {}

  func weightGradient(
    input: FloatBuffer, _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights
  ) throws(NeuralError) {
    let status = conednn_convolution_backward_weights(
      handle, input.raw, gradient.values.raw, weights.kernel.gradient.start,
      weights.bias?.gradient.start)
    guard status == 0 else { throw .library(layer: name, operation: "gradient of weights") }
  }

  func dataGradient(
    _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights, into inputGradient: FloatBuffer
  ) throws(NeuralError) {
    let status = conednn_convolution_backward_data(
      handle, weights.kernel.values.start, gradient.values.raw, inputGradient.raw)
    guard status == 0 else { throw .library(layer: name, operation: "gradient of input") }
  }
}

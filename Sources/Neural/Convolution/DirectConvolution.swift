internal import COneDNN

/// The convolution computed directly by oneDNN, in the precision of the input.
final class DirectConvolution: ConvolutionAlgorithm {
  var sharedBytes: Int { conednn_convolution_scratch(handle) }
  let ownBytes = 0
  private let handle: OpaquePointer
  private let name: String

  init(
    _ shape: ConvolutionShape, hasBias: Bool, isReLU: Bool, context: LayerContext
  ) throws(NeuralError) {
    let lengths = CDnnConvolutionShape(
      rows: Int32(shape.rows), height: Int32(shape.height), width: Int32(shape.width),
      channels: Int32(shape.channels), filters: Int32(shape.filters), kernel: Int32(shape.kernel),
      stride: Int32(shape.stride), padding: Int32(shape.padding), has_bias: hasBias ? 1 : 0,
      is_bfloat16: context.inputPrecision == .bfloat16 ? 1 : 0)
    guard let handle = conednn_convolution_create(lengths, isReLU ? 1 : 0) else {
      throw .library(layer: context.name, operation: "creating")
    }
    self.handle = handle
    name = context.name
  }

  deinit {
    conednn_convolution_destroy(handle)
  }

  func forward(
    _ input: FloatBuffer, kernel: Parameter, bias: Parameter?, into output: FloatBuffer
  ) throws(NeuralError) {
    let status = conednn_convolution_forward(
      handle, input.raw, kernel.values.start, bias?.values.start, output.raw)
    guard status == 0 else { throw .library(layer: name, operation: "forward") }
  }

  func backward(
    input: FloatBuffer, kernel: Parameter, bias: Parameter?, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?
  ) throws(NeuralError) {
    let status = conednn_convolution_backward(
      handle, input.raw, kernel.values.start, outputGradient.raw, kernel.gradient.start,
      bias?.gradient.start, inputGradient?.raw)
    guard status == 0 else { throw .library(layer: name, operation: "backward") }
  }
}

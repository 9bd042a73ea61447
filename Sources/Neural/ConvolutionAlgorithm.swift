internal import CKernels
internal import COneDNN

/// A way to compute a convolution and its gradients; which one a layer takes is its own affair.
///
/// A class bound protocol because an algorithm owns library handles and memory.
protocol ConvolutionAlgorithm: AnyObject {
  /// How many bytes it works in, which all layers may share.
  var sharedBytes: Int { get }
  /// How many bytes it has to itself.
  var ownBytes: Int { get }

  /// Computes the convolution with its bias, and ReLU where it was made with it.
  func forward(
    _ input: FloatBuffer, kernel: Parameter, bias: Parameter?, into output: FloatBuffer
  ) throws(NeuralError)

  /// Computes the gradients of kernel and bias and, where `inputGradient` is given, of the input.
  /// `outputGradient` is that before a ReLU.
  func backward(
    input: FloatBuffer, kernel: Parameter, bias: Parameter?, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?
  ) throws(NeuralError)
}

/// The sum as it is written, by oneDNN, in the precision of the input.
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

/// A convolution by a kernel of one pixel that steps over pixels: these are left out first.
///
/// oneDNN 2.6.3 does the same within, and writes past the end of its memory for some numbers of
/// channels.
final class ThinnedConvolution: ConvolutionAlgorithm {
  private let direct: DirectConvolution
  private let grid: CGridShape
  private let thinned: FloatBuffer
  private let thinnedGradient: FloatBuffer
  var sharedBytes: Int { direct.sharedBytes }
  var ownBytes: Int { thinned.bytes + thinnedGradient.bytes }

  init(
    _ shape: ConvolutionShape, hasBias: Bool, isReLU: Bool, context: LayerContext
  ) throws(NeuralError) {
    let inner = shape.thinned
    direct = try DirectConvolution(inner, hasBias: hasBias, isReLU: isReLU, context: context)
    grid = CGridShape(
      rows: shape.rows, height: shape.height, width: shape.width, channels: shape.channels,
      step: shape.stride)
    let count = shape.rows * inner.height * inner.width * inner.channels
    thinned = FloatBuffer(count: count, precision: context.inputPrecision)
    thinnedGradient = FloatBuffer(
      count: context.isTrainable ? count : 0, precision: context.inputPrecision)
  }

  func forward(
    _ input: FloatBuffer, kernel: Parameter, bias: Parameter?, into output: FloatBuffer
  ) throws(NeuralError) {
    ckernels_thin(grid, input.element, input.raw, thinned.raw)
    try direct.forward(thinned, kernel: kernel, bias: bias, into: output)
  }

  func backward(
    input: FloatBuffer, kernel: Parameter, bias: Parameter?, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?
  ) throws(NeuralError) {
    try direct.backward(
      input: thinned, kernel: kernel, bias: bias, outputGradient: outputGradient,
      inputGradient: inputGradient == nil ? nil : thinnedGradient)
    guard let inputGradient else { return }
    ckernels_thin_backward(
      grid, inputGradient.element, thinnedGradient.raw, inputGradient.raw)
  }
}

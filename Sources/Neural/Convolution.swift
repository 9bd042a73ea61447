internal import COneDNN

/// A two-dimensional convolution (cross-correlation, as everywhere in the field) with bias:
/// out[y, x, f] = activation(b[f] + sum over i, j, c of in[s y + i - p, s x + j - p, c] k[i, j, c, f])
/// with the stride s and as many zeros around as the padding p.
///
/// `[rows, height, width, channel]` to `[rows, (height + 2 p - kernel) / s + 1, ..., filter]`.
final class Convolution: Layer {
  let outputShape: ActivationShape
  let multiplyAdds: Int
  var parameters: [Parameter] { [kernel, bias] }

  private let kernel: Parameter
  private let bias: Parameter
  private let activation: Activation
  private let handle: OpaquePointer
  private let rows: Int
  private let name: String

  init(
    _ options: LayerSpecification.ConvolutionOptions, context: LayerContext
  ) throws(NeuralError) {
    let (height, width, channels) = try context.image()
    let (filters, side) = (options.filters, options.kernel)
    let (stride, padding) = (options.stride ?? 1, options.padding ?? 0)
    guard (1...65_536).contains(filters), side >= 1, stride >= 1, (0..<side).contains(padding)
    else {
      throw .badOption(
        what: "convolution \(context.path)",
        reason: "filters, kernel and stride must be 1 or more, padding less than the kernel")
    }
    guard height + 2 * padding >= side, width + 2 * padding >= side else {
      throw context.misfit(needs: "at least \(side - 2 * padding)x\(side - 2 * padding)")
    }
    let shape = CDnnConvolutionShape(
      rows: Int32(context.rows), height: Int32(height), width: Int32(width),
      channels: Int32(channels), filters: Int32(filters), kernel: Int32(side),
      stride: Int32(stride), padding: Int32(padding))
    activation = options.activation ?? .linear
    guard let handle = conednn_convolution_create(shape, activation == .relu ? 1 : 0) else {
      throw .library(layer: context.name, operation: "creating")
    }
    self.handle = handle
    rows = context.rows
    name = context.name
    let outHeight = (height + 2 * padding - side) / stride + 1
    let outWidth = (width + 2 * padding - side) / stride + 1
    outputShape = .image(height: outHeight, width: outWidth, channels: filters)
    multiplyAdds = outHeight * outWidth * side * side * channels * filters
    let (fanIn, fanOut) = (side * side * channels, side * side * filters)
    kernel = context.parameter(
      "kernel", shape: [side, side, channels, filters], options.weights ?? .glorotUniform,
      fanIn: fanIn, fanOut: fanOut, l2: options.l2 ?? 0)
    bias = context.parameter(
      "bias", shape: [filters], options.biases ?? .constant(value: 0), fanIn: fanIn, fanOut: fanOut)
  }

  deinit {
    conednn_convolution_destroy(handle)
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    let status = conednn_convolution_forward(
      handle, input.start, kernel.values.start, bias.values.start, output.start)
    guard status == 0 else { throw .library(layer: name, operation: "forward") }
    if !activation.isFused { activation.apply(output.start, count: rows * outputShape.count) }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    activation.back(
      output: output.start, gradient: outputGradient.start, count: rows * outputShape.count)
    let status = conednn_convolution_backward(
      handle, input.start, kernel.values.start, outputGradient.start, kernel.gradient.start,
      bias.gradient.start, inputGradient?.start)
    guard status == 0 else { throw .library(layer: name, operation: "backward") }
  }
}

internal import CKernels
internal import COneDNN
import Randomness

/// A two-dimensional convolution (cross-correlation, as everywhere in the field) with bias:
/// out[y, x, f] = activation(b[f] + sum over i, j, c of in[y + i, x + j, c] k[i, j, c, f]).
///
/// `[rows, height, width, channel]` to `[rows, height - kernel + 1, width - kernel + 1, filter]`.
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
    filters: Int, kernelSide side: Int, activation: Activation, context: LayerContext,
    random: inout RandomStream
  ) throws(NeuralError) {
    let (height, width, channels) = try context.image()
    guard filters >= 1, side >= 1 else {
      throw .badOption(what: "convolution", reason: "filters and kernel must be 1 or more")
    }
    guard height >= side, width >= side else {
      throw context.misfit(needs: "at least \(side)x\(side)")
    }
    let shape = CDnnConvolutionShape(
      rows: Int32(context.rows), height: Int32(height), width: Int32(width),
      channels: Int32(channels), filters: Int32(filters), kernel: Int32(side))
    guard let handle = conednn_convolution_create(shape, activation == .relu ? 1 : 0) else {
      throw .library(layer: context.name, operation: "creating")
    }
    self.handle = handle
    self.activation = activation
    rows = context.rows
    name = context.name
    let (outHeight, outWidth) = (height - side + 1, width - side + 1)
    outputShape = .image(height: outHeight, width: outWidth, channels: filters)
    let weights = side * side * channels * filters
    multiplyAdds = outHeight * outWidth * weights
    kernel = Parameter(
      name: "\(context.index).kernel", shape: [side, side, channels, filters],
      values: Initialization.glorotUniform(
        count: weights, fanIn: side * side * channels, fanOut: side * side * filters,
        random: &random))
    bias = Parameter(
      name: "\(context.index).bias", shape: [filters],
      values: [Float](repeating: 0, count: filters))
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
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    if activation == .relu {
      ckernels_relu_backward(rows * outputShape.count, output.start, outputGradient.start)
    }
    let status = conednn_convolution_backward(
      handle, input.start, kernel.values.start, outputGradient.start, kernel.gradient.start,
      bias.gradient.start, inputGradient?.start)
    guard status == 0 else { throw .library(layer: name, operation: "backward") }
  }
}

internal import CKernels
internal import COneDNN
import Randomness

/// out = activation(in W + b), `[rows, in]` to `[rows, out]`, W `[in, out]`.
final class Dense: Layer {
  let outputShape: ActivationShape
  var multiplyAdds: Int { inputs * outputs }
  var parameters: [Parameter] { [kernel, bias] }

  private let kernel: Parameter
  private let bias: Parameter
  private let activation: Activation
  private let rows: Int
  private let inputs: Int
  private let outputs: Int
  private let name: String

  init(
    units: Int, activation: Activation, context: LayerContext, random: inout RandomStream
  ) throws(NeuralError) {
    guard case .features(let inputs) = context.input else {
      throw context.misfit(needs: "features, so put flatten before it")
    }
    guard units >= 1 else {
      throw .badOption(what: "dense", reason: "units must be 1 or more")
    }
    self.inputs = inputs
    self.activation = activation
    outputs = units
    rows = context.rows
    name = context.name
    outputShape = .features(units)
    kernel = Parameter(
      name: "\(context.index).kernel", shape: [inputs, units],
      values: Initialization.glorotUniform(
        count: inputs * units, fanIn: inputs, fanOut: units, random: &random))
    bias = Parameter(
      name: "\(context.index).bias", shape: [units], values: [Float](repeating: 0, count: units))
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    try multiply(
      input, kernel.values, into: output, transposeA: false, transposeB: false,
      sizes: (rows, outputs, inputs))
    ckernels_add_bias(
      rows, outputs, activation == .relu ? 1 : 0, bias.values.start, output.start)
  }

  /// dW = in^T g, db = the sum of g over rows, din = g W^T, where g is the gradient before the
  /// activation.
  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    if activation == .relu {
      ckernels_relu_backward(rows * outputs, output.start, outputGradient.start)
    }
    ckernels_sum_rows(rows, outputs, outputGradient.start, bias.gradient.start)
    try multiply(
      input, outputGradient, into: kernel.gradient, transposeA: true, transposeB: false,
      sizes: (inputs, outputs, rows))
    guard let inputGradient else { return }
    try multiply(
      outputGradient, kernel.values, into: inputGradient, transposeA: false, transposeB: true,
      sizes: (rows, inputs, outputs))
  }

  private func multiply(
    _ a: FloatBuffer, _ b: FloatBuffer, into c: FloatBuffer, transposeA: Bool, transposeB: Bool,
    sizes: (m: Int, n: Int, k: Int)
  ) throws(NeuralError) {
    let status = conednn_multiply(
      transposeA ? 1 : 0, transposeB ? 1 : 0, sizes.m, sizes.n, sizes.k, a.start, b.start, 0,
      c.start)
    guard status == 0 else { throw .library(layer: name, operation: "a matrix product") }
  }
}

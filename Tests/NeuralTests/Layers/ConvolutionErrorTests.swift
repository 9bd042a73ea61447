import CFrequency
import Testing

@testable import Neural

/// The error of every method beside that of oneDNN on the same data, all against sums in double
/// precision.
@Suite("The error of a convolution")
struct ConvolutionErrorTests {
  /// Rows, height, width, channels, filters, kernel, padding: as in `lfw-koch` and `residual-small`,
  /// with fewer channels.
  static let shapes = [
    [2, 21, 21, 32, 24, 4, 0], [2, 9, 9, 48, 40, 4, 0], [2, 16, 16, 32, 32, 3, 1],
    [1, 24, 24, 16, 16, 7, 0],
  ]

  private func example(_ s: [Int]) -> ConvolutionExample {
    ConvolutionExample(
      CFrequencyShape(
        rows: s[0], height: s[1], width: s[2], channels: s[3], filters: s[4], kernel: s[5],
        padding: s[6], narrow_input: 0, narrow_output: 0, tile: 0))
  }

  private func results(
    _ example: ConvolutionExample, _ method: ConvolutionMethod
  ) throws -> ConvolutionExample.Results {
    let s = example.shape
    let shape = ConvolutionShape(
      rows: s.rows, height: s.height, width: s.width, channels: s.channels, filters: s.filters,
      kernel: s.kernel, stride: 1, padding: s.padding)
    let context = LayerContext(
      input: .image(height: s.height, width: s.width, channels: s.channels), rows: s.rows, seed: 0,
      isTrainable: true, resources: NetworkResources(.always(method)))
    let weights = ConvolutionWeights(
      kernel: Parameter(name: "k", shape: [s.kernel, s.kernel, s.channels, s.filters]),
      bias: Parameter(name: "b", shape: [s.filters]))
    weights.kernel.values.replace(with: example.kernel)
    weights.bias?.values.replace(with: example.bias)
    let layer = try Convolution(shape, weights: weights, activation: .linear, context: context)
    let input = FloatBuffer(example.input)
    let (output, ofInput) = (
      FloatBuffer(count: example.gradient.count), FloatBuffer(count: input.count)
    )
    let pass = Pass.training(seed: 0, step: 0)
    // The second time, the memory of the sums has those of the first.
    for _ in 0..<2 {
      try layer.forward(input, into: output, pass: pass)
      try layer.backward(
        input: input, output: output, outputGradient: FloatBuffer(example.gradient),
        inputGradient: ofInput, pass: pass)
    }
    func doubles(_ buffer: FloatBuffer?) -> [Double] { buffer?.values.map(Double.init) ?? [] }
    return ConvolutionExample.Results(
      output: doubles(output), inputGradient: doubles(ofInput),
      kernelGradient: doubles(weights.kernel.gradient),
      biasGradient: doubles(weights.bias?.gradient))
  }

  // A transform of some dozen values rounds as often as a sum of as many products, and the points of
  // Winograd's transforms have factors up to 8 in both directions and for both factors of a product.
  @Test(
    "is that of oneDNN in the frequency domain and some dozen times that by Winograd",
    arguments: shapes)
  func beside(s: [Int]) throws {
    _ = try Machine.start(threads: 2)
    let example = example(s)
    let expected = example.reference(isReLU: false)
    let direct = try results(example, .direct).errors(expected)
    let frequency = try results(example, .frequency).errors(expected)
    for (one, other) in zip(frequency, direct) { #expect(one < max(4 * other, 5e-7)) }
    let imagewise = try results(example, .imagewise).errors(expected)
    #expect(Array(imagewise[..<2]) == Array(direct[..<2]))
    for (one, other) in zip(imagewise, direct) { #expect(one < max(1.5 * other, 3e-7)) }
    guard s[5] <= 4 else { return }
    let winograd = try results(example, .winograd).errors(expected)
    for (one, other) in zip(winograd, direct) { #expect(one < max(50 * other, 1e-6)) }
  }

  // 64 images of 18 x 18 pixels are sums of 20,736 products; 12 images of 6 x 6 are summed together.
  @Test(
    "is less image by image in the gradients of kernel and bias",
    arguments: [[64, 18, 18, 4, 8, 3, 1], [60, 6, 6, 8, 8, 3, 1]])
  func imagewise(s: [Int]) throws {
    _ = try Machine.start(threads: 1)
    let example = example(s)
    let expected = example.reference(isReLU: false)
    let direct = try results(example, .direct).errors(expected)
    let imagewise = try results(example, .imagewise).errors(expected)
    #expect(imagewise[2] < direct[2] / 2 && imagewise[3] <= direct[3])
  }
}

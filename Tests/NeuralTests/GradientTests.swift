import Randomness
import Testing

@testable import Neural

/// A layer, or some, and what goes in.
struct LayerCase: Sendable, CustomTestStringConvertible {
  let layers: [LayerSpecification]
  let input: ActivationShape

  var testDescription: String { layers.map(\.name).joined(separator: ", ") + " over \(input)" }

  init(_ input: ActivationShape, _ layers: LayerSpecification...) {
    self.layers = layers
    self.input = input
  }
}

private func convolution(
  _ filters: Int, _ kernel: Int, stride: Int = 1, padding: Int = 0, _ activation: Activation
) -> LayerSpecification {
  var options = LayerSpecification.ConvolutionOptions(
    filters: filters, kernel: kernel, activation: activation)
  options.stride = stride
  options.padding = padding
  return .convolution(options)
}

private func dense(
  _ units: Int, _ activation: Activation = .linear, weights: Initializer? = nil,
  biases: Initializer? = nil
) -> LayerSpecification {
  var options = LayerSpecification.DenseOptions(units: units, activation: activation)
  options.weights = weights
  options.biases = biases
  return .dense(options)
}

private let picture = ActivationShape.image(height: 9, width: 7, channels: 3)
private let features = ActivationShape.features(11)

private let cases: [LayerCase] =
  Activation.allCases.map { LayerCase(picture, convolution(5, 3, $0)) }
  + Activation.allCases.map { LayerCase(features, dense(6, $0)) }
  + Activation.allCases.map { LayerCase(features, .activation($0)) }
  + [
    LayerCase(picture, convolution(4, 3, stride: 2, padding: 1, .linear)),
    LayerCase(picture, convolution(4, 4, stride: 3, .relu)),
    LayerCase(picture, convolution(2, 5, padding: 2, .tanh)),
    LayerCase(.image(height: 8, width: 8, channels: 1), convolution(3, 1, .sigmoid)),
    LayerCase(picture, .maxPool(.init(window: 2))), LayerCase(picture, .maxPool(.init(window: 3))),
    LayerCase(picture, .averagePool(.init(window: 2))),
    LayerCase(picture, .averagePool(.init(window: 3))),
    LayerCase(.image(height: 6, width: 5, channels: 4), .channelRowPool(.init(window: 2))),
    LayerCase(picture, .channelRowPool(.init(window: 3))),
    LayerCase(picture, .batchNormalization(.init())),
    LayerCase(features, .batchNormalization(.init())),
    LayerCase(.image(height: 4, width: 4, channels: 20), .batchNormalization(.init())),
    LayerCase(picture, .reflectionPad(size: 1)), LayerCase(picture, .reflectionPad(size: 3)),
    LayerCase(picture, .flatten), LayerCase(features, .l2Normalization),
    LayerCase(
      picture,
      .branches([[.flatten], [convolution(2, 3, .tanh), .flatten], [.flatten, dense(4)]])),
    LayerCase(
      picture,
      .spatialTransformer(
        [
          .flatten,
          dense(
            6, weights: .normal(mean: 0, deviation: 0.02), biases: .identityAffine),
        ], downsample: 1)),
    LayerCase(
      .image(height: 8, width: 8, channels: 2),
      .spatialTransformer(
        [
          .averagePool(.init(window: 2)), convolution(3, 2, .tanh), .flatten,
          dense(6, weights: .normal(mean: 0, deviation: 0.05), biases: .identityAffine),
        ], downsample: 2)),
    LayerCase(
      picture, convolution(4, 3, .relu), .batchNormalization(.init()), .maxPool(.init(window: 2)),
      .flatten, dense(5, .sigmoid), .l2Normalization),
  ]

/// Every layer's fast path and its gradient against plain double precision.
@Suite("A layer")
struct GradientTests {
  private static let rows = 3

  private func numbers(_ count: Int, _ purpose: String) -> [Float] {
    var random = RandomStream(seed: 5, purpose)
    return (0..<count).map { _ in Float(2 * random.uniform() - 1) }
  }

  /// Input and output of a chain and the gradients of the sum of its outputs, each times a fixed
  /// number.
  private struct Bench {
    let chain: LayerChain
    let input: FloatBuffer
    let weights: [Float]
    let inputGradient: FloatBuffer
  }

  private func bench(_ example: LayerCase) throws -> Bench {
    _ = try Machine.start(threads: 2)
    let context = LayerContext(input: example.input, rows: Self.rows, seed: 3, isTrainable: true)
    let chain = try LayerChain(example.layers, input: example.input, context: context)
    // Biases and scales begin at constants, which would hide a mistake.
    for parameter in chain.parameters where parameter.isTrainable && parameter.shape.count == 1 {
      for (index, number) in numbers(parameter.count, parameter.name).enumerated() {
        parameter.values.start[index] += 0.3 * number
      }
    }
    let input = FloatBuffer(numbers(Self.rows * example.input.count, "input"))
    let output = try chain.forward(input, .training(seed: 0, step: 0))
    let weights = numbers(Self.rows * chain.outputShape.count, "weights")
    #expect(output.count >= weights.count)
    let inputGradient = FloatBuffer(count: input.count)
    try chain.backward(
      input: input, outputGradient: FloatBuffer(weights), inputGradient: inputGradient,
      .training(seed: 0, step: 0))
    return Bench(chain: chain, input: input, weights: weights, inputGradient: inputGradient)
  }

  private func objective(
    _ example: LayerCase, _ input: [Double], _ parameters: [[Double]], _ weights: [Float]
  ) -> Double {
    var first = 0
    let output = Reference(parameters: parameters, rows: Self.rows)
      .forward(example.layers, input, example.input, from: &first).values
    return zip(output, weights).reduce(0) { $0 + $1.0 * Double($1.1) }
  }

  // Single precision keeps 1.2e-7 of a value; sums of some hundred products of numbers near 1 stay
  // within 1e-5.
  @Test("gives what plain double precision gives", arguments: cases)
  func forward(example: LayerCase) throws {
    let bench = try bench(example)
    var first = 0
    let expected = Reference(
      parameters: bench.chain.parameters.map { $0.values.values.map(Double.init) },
      rows: Self.rows
    ).forward(example.layers, bench.input.values.map(Double.init), example.input, from: &first)
    #expect(expected.shape == bench.chain.outputShape)
    let found = bench.chain.output(of: bench.input).values
    for (one, other) in zip(found, expected.values) {
      #expect(abs(Double(one) - other) <= 1e-5 * max(1, abs(other)))
    }
  }

  // Central differences with a step of 1e-5 in double precision err by about 1e-10 times the third
  // derivative; what is left is the single precision of the gradients themselves.
  @Test("has the gradients that differences in double precision have", arguments: cases)
  func gradients(example: LayerCase) throws {
    let bench = try bench(example)
    let input = bench.input.values.map(Double.init)
    let parameters = bench.chain.parameters.map { $0.values.values.map(Double.init) }
    func check(_ found: Float, _ what: String, _ shifted: (Double) -> Double) {
      let slope = (shifted(1e-5) - shifted(-1e-5)) / 2e-5
      #expect(abs(Double(found) - slope) <= 2e-4 * max(1, abs(slope)), "\(what)")
    }
    var random = RandomStream(seed: 7, "places")
    for place in random.distinct(min(40, input.count), below: input.count) {
      check(bench.inputGradient.start[place], "input \(place)") { step in
        var moved = input
        moved[place] += step
        return objective(example, moved, parameters, bench.weights)
      }
    }
    for (index, parameter) in bench.chain.parameters.enumerated() where parameter.isTrainable {
      for place in random.distinct(min(25, parameter.count), below: parameter.count) {
        check(parameter.gradient.start[place], "\(parameter.name) \(place)") { step in
          var moved = parameters
          moved[index][place] += step
          return objective(example, input, moved, bench.weights)
        }
      }
    }
  }

  @Test("normalises a batch at inference by the running means, which training moves as Keras does")
  func runningMeans() throws {
    _ = try Machine.start(threads: 2)
    let context = LayerContext(
      input: .features(2), rows: 4, seed: 0, isTrainable: true)
    let layer = try BatchNormalization(.init(), context: context)
    let input = FloatBuffer([1, 10, 3, 10, 5, 10, 7, 10])
    let output = FloatBuffer(count: 8)
    layer.forward(input, into: output, pass: .training(seed: 0, step: 0))
    // Mean 4, variance 5; a hundredth of the way from 0 and 1.
    #expect(abs(layer.parameters[2].values.values[0] - 0.04) < 1e-6)
    #expect(abs(layer.parameters[3].values.values[0] - 1.04) < 1e-6)
    #expect(abs(layer.parameters[2].values.values[1] - 0.1) < 1e-6)
    layer.forward(input, into: output, pass: .inference)
    #expect(abs(output.values[0] - (1 - 0.04) / (1.04 + 0.001 as Float).squareRoot()) < 1e-5)
  }
}

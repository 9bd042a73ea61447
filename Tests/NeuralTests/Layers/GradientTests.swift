import CKernels
import CMachine
import Randomness
import Testing

@testable import Neural

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

  private func bench(
    _ example: LayerCase, _ policy: ConvolutionPolicy = .direct
  ) throws -> Bench {
    _ = try Machine.start(threads: 2)
    let context = LayerContext(
      input: example.input, rows: Self.rows, seed: 3, isTrainable: true,
      resources: NetworkResources(policy))
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

  /// Every combination of methods for the passes of the first layer.
  static let choices: [ConvolutionChoices] = ConvolutionMethod.allCases.flatMap { forward in
    ConvolutionMethod.allCases.flatMap { weights in
      ConvolutionMethod.allCases.map { data in
        var choices = ConvolutionChoices()
        choices["0"] = PassMethods(forward: forward, weights: weights, data: data)
        return choices
      }
    }
  }

  // The sums are the same, in another order. As in a network that trains on, the second step has
  // other weights.
  @Test("gives the same with every method for each pass", arguments: convolutionCases, choices)
  func methods(example: LayerCase, choices: ConvolutionChoices) throws {
    let options = try #require(example.layers[0].kind as? ConvolutionOptions)
    let shape = try options.shape(
      in: LayerContext(input: example.input, rows: Self.rows, seed: 0, isTrainable: true))
    guard choices["0"].all.allSatisfy({ $0.fits(shape) }) else {
      #expect(throws: NeuralError.self) { _ = try bench(example, .recorded(choices)) }
      return
    }
    let isWinograd = choices["0"].all.contains(.winograd)
    func results(_ policy: ConvolutionPolicy) throws -> [[Float]] {
      let bench = try bench(example, policy)
      let gradient = FloatBuffer(bench.weights)
      for parameter in bench.chain.parameters {
        for index in 0..<parameter.count { parameter.values.start[index] *= 1.25 }
      }
      let pass = Pass.training(seed: 0, step: 1)
      try bench.chain.forward(bench.input, pass)
      try bench.chain.backward(
        input: bench.input, outputGradient: gradient, inputGradient: bench.inputGradient, pass)
      return [bench.chain.output(of: bench.input).values, bench.inputGradient.values]
        + bench.chain.parameters.map(\.gradient.values)
    }
    for (one, other) in zip(try results(.recorded(choices)), try results(.direct)) {
      let most = other.map(abs).max() ?? 0
      #expect(
        zip(one, other).allSatisfy {
          abs($0 - $1) <= (isWinograd ? 2e-5 : 5e-6) * max(most, 1e-3)
        })
    }
  }

  // Single precision keeps 1.2e-7 of a value; sums of some hundred products of numbers near 1 stay
  // within 1e-5.
  @Test("gives what plain double precision gives", arguments: layerCases)
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

  // Central differences with a step of 1e-6 in double precision err by about 1e-9 by rounding and
  // less by curvature; what is left is the single precision of the gradients themselves.
  @Test("has the gradients that differences in double precision have", arguments: layerCases)
  func gradients(example: LayerCase) throws {
    let bench = try bench(example)
    let input = bench.input.values.map(Double.init)
    let parameters = bench.chain.parameters.map { $0.values.values.map(Double.init) }
    func check(_ found: Float, _ what: String, _ shifted: (Double) -> Double) {
      let slope = (shifted(1e-6) - shifted(-1e-6)) / 2e-6
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

  // The sums are the same, in another order.
  @Test("under a pool gives the same on a processor with shorter vectors", arguments: pooledCases)
  func narrowVectors(example: LayerCase) throws {
    func results() throws -> [[Float]] {
      let bench = try bench(example)
      return [bench.chain.output(of: bench.input).values, bench.inputGradient.values]
        + bench.chain.parameters.map(\.gradient.values)
    }
    let wide = try results()
    cmachine_limit_level(CMACHINE_AVX2)
    defer { cmachine_limit_level(CMACHINE_AVX512) }
    for (one, other) in zip(try results(), wide) {
      #expect(zip(one, other).allSatisfy { abs($0 - $1) <= 2e-5 * max(1, abs($1)) })
    }
  }

  // More rows than parts, so that a part works on several pictures one after the other. A layer that
  // changes nothing between convolution and pool keeps them apart.
  @Test("under a pool gives what both layers give one after the other, over many rows")
  func manyRows() throws {
    _ = try Machine.start(threads: 2)
    let shape = ActivationShape.image(height: 14, width: 19, channels: 3)
    let convolution = LayerSpecification.convolution(
      .init(filters: 7, kernel: 3, activation: .relu))
    func results(_ layers: [LayerSpecification]) throws -> [[Float]] {
      let context = LayerContext(input: shape, rows: 35, seed: 3, isTrainable: true)
      let chain = try LayerChain(layers, input: shape, context: context)
      let input = FloatBuffer(numbers(35 * shape.count, "input"))
      let pass = Pass.training(seed: 0, step: 0)
      let output = try chain.forward(input, pass)
      let gradient = FloatBuffer(count: input.count)
      try chain.backward(
        input: input, outputGradient: FloatBuffer(numbers(output.count, "weights")),
        inputGradient: gradient, pass)
      return [output.values, gradient.values] + chain.parameters.map(\.gradient.values)
    }
    let one = try results([convolution, .maxPool(.init(window: 2))])
    let two = try results([convolution, .activation(.linear), .maxPool(.init(window: 2))])
    for (one, other) in zip(one, two) {
      #expect(zip(one, other).allSatisfy { abs($0 - $1) <= 2e-5 * max(1, abs($1)) })
    }
  }

  @Test("normalises a batch at inference by the running means, which training moves as Keras does")
  func runningMeans() throws {
    _ = try Machine.start(threads: 2)
    let context = LayerContext(
      input: .features(2), rows: 4, seed: 0, isTrainable: true)
    let layer = try BatchNormalization(.init(), contexts: [context])
    let input = FloatBuffer([1, 10, 3, 10, 5, 10, 7, 10])
    let output = FloatBuffer(count: 8)
    try layer.forward(input, into: output, pass: .training(seed: 0, step: 0))
    // Mean 4, variance 5; a hundredth of the way from 0 and 1.
    #expect(abs(layer.parameters[2].values.values[0] - 0.04) < 1e-6)
    #expect(abs(layer.parameters[3].values.values[0] - 1.04) < 1e-6)
    #expect(abs(layer.parameters[2].values.values[1] - 0.1) < 1e-6)
    try layer.forward(input, into: output, pass: .inference)
    #expect(abs(output.values[0] - (1 - 0.04) / (1.04 + 0.001 as Float).squareRoot()) < 1e-5)
  }
}

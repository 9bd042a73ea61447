import Randomness
import Testing

@testable import Neural

/// Numbers in -1...1, the same every time.
func numbers(_ count: Int, _ purpose: String) -> [Float] {
  var random = RandomStream(seed: 5, purpose)
  return (0..<count).map { _ in Float(2 * random.uniform() - 1) }
}

private func context(_ input: ActivationShape, rows: Int) throws -> LayerContext {
  _ = try Machine.start(threads: 2)
  return LayerContext(input: input, rows: rows, seed: 0, isTrainable: true)
}

/// A layer between buffers, to be differentiated.
private struct Bench {
  let layer: any Layer
  let input: FloatBuffer
  let output: FloatBuffer
  let pass: Pass

  init(_ layer: any Layer, input: ActivationShape, rows: Int, pass: Pass = .inference) {
    self.layer = layer
    self.pass = pass
    self.input = FloatBuffer(numbers(rows * input.count, "input"))
    output = FloatBuffer(count: rows * layer.outputShape.count)
  }

  /// The output weighted with fixed numbers and summed in double precision.
  func objective() throws -> Double {
    try layer.forward(input, into: output, pass: pass)
    return zip(output.values, numbers(output.count, "weights")).reduce(0) {
      $0 + Double($1.0) * Double($1.1)
    }
  }

  /// The gradients of the objective with respect to the input and each parameter.
  func gradients() throws -> (input: [Float], parameters: [[Float]]) {
    _ = try objective()
    let outputGradient = FloatBuffer(numbers(output.count, "weights"))
    let inputGradient = FloatBuffer(count: input.count)
    try layer.backward(
      input: input, output: output, outputGradient: outputGradient, inputGradient: inputGradient,
      pass: pass)
    return (inputGradient.values, layer.parameters.map(\.gradient.values))
  }
}

@Suite("Layers", .serialized)
struct LayerTests {
  @Test("max-pool: takes the largest of each window and leaves the rest out")
  func maxPool() throws {
    let shape = ActivationShape.image(height: 3, width: 5, channels: 1)
    let layer = try MaxPool(window: 2, context: context(shape, rows: 1))
    let input = FloatBuffer([1, 5, 2, 2, 9, 3, 4, 2, 1, 9, 9, 9, 9, 9, 9])
    let output = FloatBuffer(count: 2)
    layer.forward(input, into: output, pass: .inference)
    #expect(output.values == [5, 2])
    let gradient = FloatBuffer(count: 15)
    gradient.replace(with: [Float](repeating: 7, count: 15))
    layer.backward(
      input: input, output: output, outputGradient: FloatBuffer([10, 20]), inputGradient: gradient,
      pass: .inference)
    // Of equal values the first receives the gradient.
    #expect(gradient.values == [0, 10, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test("max-pool: the large case, spread over threads, agrees with the double loop")
  func maxPoolLarge() throws {
    let (rows, height, width, channels) = (8, 20, 22, 6)
    let shape = ActivationShape.image(height: height, width: width, channels: channels)
    let layer = try MaxPool(window: 2, context: context(shape, rows: rows))
    let bench = Bench(layer, input: shape, rows: rows)
    let gradients = try bench.gradients()
    let (input, weights) = (bench.input.values, numbers(bench.output.count, "weights"))
    var expected = [Float](repeating: 0, count: input.count)
    for (at, weight) in weights.enumerated() {
      let (row, c) = (at / channels / (width / 2), at % channels)
      let x = at / channels % (width / 2)
      let inputs = [0, 1].flatMap { i in
        [0, 1].map { j in ((row * 2 + i) * width + 2 * x + j) * channels + c }
      }
      let largest = try #require(inputs.max { input[$0] < input[$1] })
      #expect(bench.output.values[at] == input[largest])
      expected[largest] = weight
    }
    #expect(gradients.input == expected)
  }

  @Test("dropout: drops the asked share, keeps the mean, and drops the same going back")
  func dropout() throws {
    let layer = try Dropout(rate: 0.25, context: context(.features(100_000), rows: 1))
    let ones = FloatBuffer([Float](repeating: 1, count: 100_000))
    let output = FloatBuffer(count: 100_000)
    let pass = Pass.training(seed: 1, step: 2)
    layer.forward(ones, into: output, pass: pass)
    let dropped = output.values.count { $0 == 0 }
    // Five standard deviations of a binomial draw.
    #expect(abs(Double(dropped) - 25_000) < 685)
    #expect(Set(output.values) == [0, 1 / 0.75])
    let gradient = FloatBuffer(count: 100_000)
    layer.backward(
      input: ones, output: output, outputGradient: ones, inputGradient: gradient, pass: pass)
    #expect(gradient.values == output.values)
    layer.forward(ones, into: output, pass: .training(seed: 1, step: 3))
    #expect(gradient.values != output.values)
    layer.forward(ones, into: output, pass: .inference)
    #expect(output.values == ones.values)
  }

  @Test("dropout: drops the same row, channel and pixel, in whatever order the values are")
  func dropoutOrder() throws {
    let (rows, pixels, channels) = (3, 4 * 5, 7)
    let shape = ActivationShape.image(height: 4, width: 5, channels: channels)
    let ones = FloatBuffer([Float](repeating: 1, count: rows * pixels * channels))
    func dropped(planes: Bool, _ precision: Precision) throws -> [Float] {
      let context = LayerContext(
        input: shape, rows: rows, seed: 0, isTrainable: true,
        inputFormat: Format(precision: precision, layout: planes ? .planes : .interleaved))
      let layer = Dropout(rate: 0.5, context: context)
      let input = FloatBuffer(count: ones.count, precision: precision)
      input.copy(ones)
      let output = FloatBuffer(count: ones.count, precision: precision)
      layer.forward(input, into: output, pass: .training(seed: 4, step: 9))
      return output.values
    }
    let (planes, interleaved) = (
      try dropped(planes: true, .float32), try dropped(planes: false, .float32)
    )
    #expect(planes != interleaved && Set(planes) == [0, 2])
    #expect(try dropped(planes: false, .bfloat16) == interleaved)
    for row in 0..<rows {
      for pixel in 0..<pixels {
        for channel in 0..<channels {
          #expect(
            interleaved[(row * pixels + pixel) * channels + channel]
              == planes[(row * channels + channel) * pixels + pixel])
        }
      }
    }
  }
}

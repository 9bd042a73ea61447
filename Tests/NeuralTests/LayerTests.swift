import Randomness
import Testing

@testable import Neural

/// Numbers in -1...1, the same every time.
private func numbers(_ count: Int, _ purpose: String) -> [Float] {
  var random = RandomStream(seed: 5, purpose)
  return (0..<count).map { _ in Float(2 * random.uniform() - 1) }
}

private func context(_ input: ActivationShape, rows: Int, name: String = "layer") throws
  -> LayerContext
{
  _ = try Machine.start(threads: 2)
  return LayerContext(index: 0, name: name, input: input, rows: rows)
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

  /// Central differences at some positions of a buffer.
  func differences(_ buffer: FloatBuffer, step: Float, at positions: [Int]) throws -> [Double] {
    try positions.map { position in
      let value = buffer.start[position]
      buffer.start[position] = value + step
      let above = try objective()
      buffer.start[position] = value - step
      let below = try objective()
      buffer.start[position] = value
      return (above - below) / Double(2 * step)
    }
  }

  /// Compares both at up to 60 positions of every buffer.
  func check(step: Float, tolerance: Double) throws {
    let gradients = try gradients()
    let buffers =
      [(input, gradients.input)]
      + zip(layer.parameters.map(\.values), gradients.parameters)
    for (buffer, gradient) in buffers {
      var random = RandomStream(seed: 1, "positions", buffer.count)
      let positions = (0..<min(60, buffer.count)).map { _ in random.index(below: buffer.count) }
      let differences = try differences(buffer, step: step, at: positions)
      for (position, difference) in zip(positions, differences) {
        #expect(abs(difference - Double(gradient[position])) < tolerance)
      }
    }
  }
}

@Suite("Layers", .serialized)
struct LayerTests {
  // The sums have a few hundred terms of size 1 in single precision, about 1e-5; divided by the
  // step of 2 x 0.25 the differences are good to some 1e-4. The layer being linear in its input
  // and in its weights, a large step costs nothing.
  @Test("convolution: gradients agree with differences")
  func convolutionGradients() throws {
    let shape = ActivationShape.image(height: 9, width: 8, channels: 3)
    var random = RandomStream(seed: 0, "layer")
    let layer = try Convolution(
      filters: 5, kernelSide: 4, activation: .linear, context: context(shape, rows: 3),
      random: &random)
    try Bench(layer, input: shape, rows: 3).check(step: 0.25, tolerance: 1e-3)
  }

  @Test("convolution: the output is the double loop's, with and without ReLU")
  func convolutionReference() throws {
    let (height, width, channels, filters, side, rows) = (7, 6, 2, 3, 3, 2)
    let shape = ActivationShape.image(height: height, width: width, channels: channels)
    for activation in [Activation.linear, .relu] {
      var random = RandomStream(seed: 0, "layer")
      let layer = try Convolution(
        filters: filters, kernelSide: side, activation: activation,
        context: context(shape, rows: rows), random: &random)
      layer.parameters[1].values.replace(with: numbers(filters, "bias"))
      let bench = Bench(layer, input: shape, rows: rows)
      _ = try bench.objective()
      let (input, kernel) = (bench.input.values, layer.parameters[0].values.values)
      let bias = layer.parameters[1].values.values
      var expected: [Double] = []
      for row in 0..<rows {
        for y in 0...height - side {
          for x in 0...width - side {
            for filter in 0..<filters {
              var sum = Double(bias[filter])
              for i in 0..<side {
                for j in 0..<side {
                  for c in 0..<channels {
                    let at = ((row * height + y + i) * width + x + j) * channels + c
                    let weight = ((i * side + j) * channels + c) * filters + filter
                    sum += Double(input[at]) * Double(kernel[weight])
                  }
                }
              }
              expected.append(activation == .relu ? max(sum, 0) : sum)
            }
          }
        }
      }
      for (found, right) in zip(bench.output.values, expected) {
        #expect(abs(Double(found) - right) < 1e-5)
      }
      #expect(bench.output.count == expected.count)
    }
  }

  @Test("dense: gradients agree with differences")
  func denseGradients() throws {
    var random = RandomStream(seed: 0, "layer")
    let layer = try Dense(
      units: 7, activation: .linear, context: context(.features(13), rows: 4), random: &random)
    try Bench(layer, input: .features(13), rows: 4).check(step: 0.25, tolerance: 1e-3)
  }

  /// With a step of 1e-3 no value of this input crosses zero; the tolerance is the rounding of a sum
  /// of 28 terms, 1e-6, over the step.
  @Test("dense with ReLU: gradients agree with differences")
  func denseReluGradients() throws {
    var random = RandomStream(seed: 0, "layer")
    let layer = try Dense(
      units: 7, activation: .relu, context: context(.features(13), rows: 4), random: &random)
    try Bench(layer, input: .features(13), rows: 4).check(step: 1e-3, tolerance: 5e-3)
  }

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

  @Test("the contrastive loss and its gradient agree with double precision")
  func contrastive() throws {
    let (half, length) = (6, 5)
    let genuine = [true, false, true, false, false]
    // The fourth pair is far beyond the margin, the fifth lies together.
    var values = numbers(2 * half * length, "embeddings").map { $0 * 0.4 }
    for i in 0..<length {
      values[3 * length + i] += 3
      values[(half + 4) * length + i] = values[4 * length + i]
    }
    func loss(_ values: [Double]) -> Double {
      var sum = 0.0
      for (pair, isGenuine) in genuine.enumerated() {
        var squared = 0.0
        for i in 0..<length {
          let difference = values[pair * length + i] - values[(half + pair) * length + i]
          squared += difference * difference
        }
        let distance = max(squared, 1e-7).squareRoot()
        let gap = max(1 - distance, 0)
        sum += isGenuine ? distance * distance : gap * gap
      }
      return sum / Double(genuine.count)
    }
    let gradient = FloatBuffer(count: values.count)
    let found = try ContrastiveLoss(margin: 1).evaluate(
      FloatBuffer(values), length: length, genuine: genuine, gradient: gradient)
    let double = values.map(Double.init)
    #expect(abs(Double(found) - loss(double)) < 1e-6)
    for position in values.indices {
      // Where two embeddings are equal the distance is held, and has no slope.
      if [4, half + 4].contains(position / length) {
        #expect(gradient.values[position] == 0)
        continue
      }
      var (above, below) = (double, double)
      above[position] += 1e-5
      below[position] -= 1e-5
      let difference = (loss(above) - loss(below)) / 2e-5
      #expect(abs(difference - Double(gradient.values[position])) < 1e-6)
    }
  }

  /// Two steps by hand: v = 0.1 g^2, then 0.9 v + 0.1 g^2.
  @Test("RMSprop takes the steps of its formula")
  func rmsprop() throws {
    let parameter = Parameter(name: "w", shape: [2], values: [1, -1])
    parameter.gradient.replace(with: [0.5, -2])
    let optimizer = try RMSProp(rate: 0.01, rho: 0.9, epsilon: 1e-7)
    optimizer.update([parameter])
    optimizer.update([parameter])
    for (index, gradient) in [0.5, -2.0].enumerated() {
      let first = 0.1 * gradient * gradient
      let second = 0.9 * first + 0.1 * gradient * gradient
      let moved =
        0.01 * gradient * (1 / (first + 1e-7).squareRoot() + 1 / (second + 1e-7).squareRoot())
      let expected = [1.0, -1.0][index] - moved
      #expect(abs(Double(parameter.values.values[index]) - expected) < 1e-6)
    }
  }
}

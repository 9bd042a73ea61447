import CKernels
import CMachine
import Testing

@testable import Neural

/// The planar convolution against loops in double precision, over shapes of every kernel, odd and
/// even sizes, all numbers of channels and several of filters.
@Suite("A planar convolution")
struct PlanarTests {
  struct Shape: CustomTestStringConvertible, Sendable {
    var rows, height, width, channels, filters, kernel: Int
    var relu = true
    var planes = false
    /// Whether the products of the forward pass have factors of 16 bits.
    var isNarrow = false

    var testDescription: String {
      "\(rows)x\(height)x\(width)x\(channels), \(filters) filters of \(kernel)"
        + (relu ? ", relu" : "") + (planes ? ", planes" : "") + (isNarrow ? ", bf16" : "")
    }
    var pooledHeight: Int { (height - kernel + 1) / 2 }
    var pooledWidth: Int { (width - kernel + 1) / 2 }
    var c: CPlanarShape {
      CPlanarShape(
        rows: rows, height: height, width: width, channels: channels, filters: filters,
        kernel: kernel, relu: relu ? 1 : 0, planar_input: planes ? 1 : 0,
        planar_output: planes ? 1 : 0, narrow: isNarrow ? 1 : 0)
    }
    var inputCount: Int { rows * height * width * channels }
    var outputCount: Int { rows * pooledHeight * pooledWidth * filters }
    var kernelCount: Int { kernel * kernel * channels * filters }
    func inputIndex(_ row: Int, _ y: Int, _ x: Int, _ c: Int) -> Int {
      planes
        ? ((row * channels + c) * height + y) * width + x
        : ((row * height + y) * width + x) * channels + c
    }
    func outputIndex(_ row: Int, _ y: Int, _ x: Int, _ f: Int) -> Int {
      planes
        ? ((row * filters + f) * pooledHeight + y) * pooledWidth + x
        : ((row * pooledHeight + y) * pooledWidth + x) * filters + f
    }
    func kernelIndex(_ i: Int, _ j: Int, _ c: Int, _ f: Int) -> Int {
      ((i * kernel + j) * channels + c) * filters + f
    }
  }

  static let shapes = [
    Shape(rows: 1, height: 2, width: 2, channels: 1, filters: 1, kernel: 1),
    Shape(rows: 3, height: 7, width: 5, channels: 2, filters: 5, kernel: 2),
    Shape(rows: 19, height: 9, width: 13, channels: 1, filters: 6, kernel: 3),
    Shape(rows: 17, height: 12, width: 21, channels: 6, filters: 12, kernel: 3, planes: true),
    Shape(rows: 2, height: 11, width: 12, channels: 7, filters: 18, kernel: 4, relu: false),
    Shape(rows: 2, height: 15, width: 10, channels: 8, filters: 7, kernel: 5),
    Shape(rows: 16, height: 6, width: 40, channels: 3, filters: 4, kernel: 5, planes: true),
    Shape(rows: 5, height: 23, width: 8, channels: 5, filters: 13, kernel: 1, planes: true),
    Shape(rows: 2, height: 33, width: 70, channels: 1, filters: 7, kernel: 4, planes: true),
    Shape(rows: 1, height: 9, width: 66, channels: 1, filters: 2, kernel: 5),
  ]

  struct Gradients {
    var kernel, bias, input: [Double]
  }

  /// Gradients by definition: each output's gradient goes to the pixel of its window that was the
  /// largest.
  private func reference(
    _ s: Shape, _ input: [Float], _ kernel: [Float], _ places: [UInt8], _ gradient: [Float]
  ) -> Gradients {
    var result = Gradients(
      kernel: Array(repeating: 0, count: kernel.count),
      bias: Array(repeating: 0, count: s.filters), input: Array(repeating: 0, count: input.count))
    for row in 0..<s.rows {
      for f in 0..<s.filters {
        for y in 0..<s.pooledHeight {
          for x in 0..<s.pooledWidth {
            let place = Int(
              places[((row * s.filters + f) * s.pooledHeight + y) * s.pooledWidth + x])
            guard place < 4 else { continue }
            let value = Double(gradient[s.outputIndex(row, y, x, f)])
            result.bias[f] += value
            for i in 0..<s.kernel {
              for j in 0..<s.kernel {
                for c in 0..<s.channels {
                  let at = s.inputIndex(
                    row, 2 * y + place / 2 + i, 2 * x + place % 2 + j, c)
                  let weight = s.kernelIndex(i, j, c, f)
                  result.kernel[weight] += value * Double(input[at])
                  result.input[at] += value * Double(kernel[weight])
                }
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The values of the convolution at the four pixels of each window, in double precision.
  private func sum(_ s: Shape, _ input: [Float], _ kernel: [Float], _ at: [Int]) -> Double {
    var sum = 0.0
    for i in 0..<s.kernel {
      for j in 0..<s.kernel {
        for c in 0..<s.channels {
          sum +=
            Double(input[s.inputIndex(at[0], at[1] + i, at[2] + j, c)])
            * Double(kernel[s.kernelIndex(i, j, c, at[3])])
        }
      }
    }
    return sum
  }

  /// The shapes with factors of 32 and of 16 bits.
  static let bothPrecisions =
    shapes
    + shapes.map { shape in
      var shape = shape
      shape.isNarrow = true
      return shape
    }

  /// Rounded to the precision of the products.
  private func rounded(_ s: Shape, _ values: [Float]) -> [Float] {
    s.isNarrow ? FloatBuffer(values, precision: .bfloat16).values : values
  }

  @Test(
    "agrees with loops in double precision", arguments: bothPrecisions,
    [CMACHINE_AVX512, CMACHINE_AVX2, CMACHINE_PORTABLE])
  func againstLoops(s: Shape, level: CMachineLevel) {
    cmachine_limit_level(level)
    defer { cmachine_limit_level(CMACHINE_AVX512) }
    let input = numbers(s.inputCount, "input")
    let kernel = numbers(s.kernelCount, "kernel")
    let bias = numbers(s.filters, "bias")
    let count = s.outputCount
    // As after dropout, every third gradient is 0.
    let gradient = numbers(count, "gradient").enumerated().map { $0 % 3 == 0 ? 0 : $1 }
    let scratch = FloatBuffer(count: cplanar_scratch(s.c))
    var output = [Float](repeating: .nan, count: count)
    var places = [UInt8](repeating: 9, count: count)
    cplanar_forward(s.c, input, kernel, bias, nil, scratch.start, &output, &places)
    let (factors, weights) = (rounded(s, input), rounded(s, kernel))
    for row in 0..<s.rows {
      for f in 0..<s.filters {
        for y in 0..<s.pooledHeight {
          for x in 0..<s.pooledWidth {
            let four: [Double] = (0..<4).map { place -> Double in
              let at: [Int] = [row, 2 * y + place / 2, 2 * x + place % 2, f]
              return sum(s, factors, weights, at) + Double(bias[f])
            }
            let most = four.max()!
            let largest = max(most, s.relu ? 0 : -.infinity)
            #expect(abs(Double(output[s.outputIndex(row, y, x, f)]) - largest) < 1e-4)
            let place = Int(
              places[((row * s.filters + f) * s.pooledHeight + y) * s.pooledWidth + x])
            #expect(
              place == 4 ? s.relu && most < 1e-4 : place < 4 && abs(four[place] - most) < 1e-4)
          }
        }
      }
    }
    var (ofKernel, ofBias) = (kernel.map { _ in Float.nan }, bias.map { _ in Float.nan })
    var ofInput = [Float](repeating: .nan, count: input.count)
    cplanar_backward(
      s.c, input, kernel, places, gradient, 1, scratch.start, &ofKernel, &ofBias, &ofInput)
    let expected = reference(s, input, kernel, places, gradient)
    let results: [([Float], [Double])] = [
      (ofKernel, expected.kernel), (ofBias, expected.bias), (ofInput, expected.input),
    ]
    for (ours, theirs) in results {
      let scale: Double = theirs.map { abs($0) }.max() ?? 1
      let worst: Double = zip(ours, theirs).map { abs(Double($0) - $1) }.max() ?? 1
      #expect(ours.allSatisfy(\.isFinite) && worst <= 2e-6 * scale, "off by \(worst) of \(scale)")
    }
  }

  @Test(
    "drops what a dropout of its own drops, forward and back", arguments: bothPrecisions,
    [CMACHINE_AVX512, CMACHINE_AVX2])
  func dropsTheSame(s: Shape, level: CMachineLevel) {
    cmachine_limit_level(level)
    defer { cmachine_limit_level(CMACHINE_AVX512) }
    let (input, kernel) = (numbers(s.inputCount, "input"), numbers(s.kernelCount, "kernel"))
    let (bias, gradient) = (numbers(s.filters, "bias"), numbers(s.outputCount, "gradient"))
    let scratch = FloatBuffer(count: cplanar_scratch(s.c))
    // The rows of the second of three processes.
    let rowNumbers = CRowNumbers(first: 1, step: 3)
    let (rate, key): (Float, UInt64) = (0.4, 0x1234_5678_9abc_def0)
    func drop(_ values: [Float]) -> [Float] {
      var result = values
      cdropout_apply(
        CDropoutShape(
          rows: s.rows, pixels: s.pooledHeight * s.pooledWidth, channels: s.filters,
          planes: s.planes ? 1 : 0, numbers: rowNumbers), nil, CELEMENT_FLOAT32, rate, key, values,
        &result)
      return result
    }
    func compute(_ dropout: UnsafePointer<CPlanarDropout>?) -> (values: [Float], places: [UInt8]) {
      var values = [Float](repeating: .nan, count: s.outputCount)
      var places = [UInt8](repeating: 9, count: s.outputCount)
      cplanar_forward(s.c, input, kernel, bias, dropout, scratch.start, &values, &places)
      return (values, places)
    }
    func back(_ places: [UInt8], _ gradient: [Float], _ scale: Float) -> [[Float]] {
      var ofKernel = kernel.map { _ in Float.nan }
      var ofBias = bias.map { _ in Float.nan }
      var ofInput = input.map { _ in Float.nan }
      cplanar_backward(
        s.c, input, kernel, places, gradient, scale, scratch.start, &ofKernel, &ofBias, &ofInput)
      return [ofKernel, ofBias, ofInput]
    }
    var dropout = CPlanarDropout(rate: rate, key: key, numbers: rowNumbers)
    let (plain, dropped) = (compute(nil), compute(&dropout))
    #expect(dropped.values == drop(plain.values))
    if s.outputCount > 100 { #expect(dropped.values != plain.values) }
    #expect(back(dropped.places, gradient, 1 / (1 - rate)) == back(plain.places, drop(gradient), 1))
  }

  @Test("drops the same values between two of them as layers that are kept apart")
  func dropout() throws {
    _ = try Machine.start(threads: 2)
    let image = ActivationShape.image(height: 22, width: 18, channels: 1)
    let layers: [LayerSpecification] = [
      .convolution(.init(filters: 6, kernel: 3, activation: .relu)), .maxPool(.init(window: 2)),
      .dropout(rate: 0.5), .convolution(.init(filters: 5, kernel: 3, activation: .relu)),
      .maxPool(.init(window: 2)), .dropout(rate: 0.25), .flatten,
    ]
    /// Embeddings in training and for inference, and the gradients of all weights.
    func results(apart: Bool) throws -> [[Float]] {
      let tower = try Tower(
        layers, input: image, rows: 4, seed: 2, isTrainable: true, keepsLayersApart: apart)
      #expect(tower.chain.layers.contains { $0 is PlanarConvolution } != apart)
      #expect(tower.chain.layers.contains { $0 is Dropout } == apart)
      tower.input.replace(with: numbers(tower.input.count, "input"))
      try tower.forward(.inference)
      let inference = tower.embeddings.values
      try tower.forward(.training(seed: 3, step: 1))
      let training = tower.embeddings.values
      try tower.backward(
        embeddingGradient: FloatBuffer(numbers(training.count, "gradient")),
        .training(seed: 3, step: 1))
      return [training, inference] + tower.parameters.map(\.gradient.values)
    }
    let (fused, apart) = (try results(apart: false), try results(apart: true))
    #expect(fused.count == 6)
    for (own, other) in zip(fused, apart) {
      let most = other.map(abs).max() ?? 0
      #expect(zip(own, other).allSatisfy { abs($0 - $1) <= 1e-5 * max(most, 1) })
      #expect(most > 0.01)
    }
  }

  @Test("of a 16-bit network has factors of 16 bits, unless it is to compute in 32 bits")
  func ofThirtyTwoBits() throws {
    /// The output, and whether the layer says that it computes in 16 bits.
    func output(_ precision: Precision, of network: Precision) throws -> ([Float], Bool) {
      let context = LayerContext(
        input: .image(height: 9, width: 8, channels: 2), rows: 2, seed: 0, isTrainable: true,
        precision: network)
      var options = ConvolutionOptions(filters: 3, kernel: 3)
      options.precision = precision
      let layer = try PlanarConvolution(options, context: context)
      let output = FloatBuffer(count: 2 * layer.outputShape.count)
      layer.forward(
        FloatBuffer(numbers(2 * context.input.count, "input")), into: output, pass: .inference)
      return (output.values, layer.computingPrecision == .bfloat16)
    }
    let (exact, isNarrow) = try output(.float32, of: .float32)
    #expect(!isNarrow)
    #expect(try output(.float32, of: .bfloat16) == (exact, false))
    let (rounded, isRounded) = try output(.bfloat16, of: .bfloat16)
    #expect(rounded != exact && isRounded)
    #expect(zip(rounded, exact).allSatisfy { abs($0 - $1) < 0.02 })
  }
}

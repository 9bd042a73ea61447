import Testing

@testable import Neural

/// The formats of the edges between layers, and the conversions where they differ.
@Suite("The format between two layers")
struct FormatTests {
  private static let rows = 4

  private func chain(
    _ layers: [LayerSpecification], _ input: ActivationShape, _ precision: Precision,
    _ policy: ConvolutionPolicy = .direct
  ) throws -> LayerChain {
    try LayerChain(
      layers, input: input,
      context: LayerContext(
        input: input, rows: Self.rows, seed: 1, isTrainable: true, precision: precision,
        resources: NetworkResources(policy)),
      outputPrecision: .float32)
  }

  private func names(_ chain: LayerChain) -> [String] {
    chain.layers.map { "\(type(of: $0)) \($0.outputPrecision.rawValue)" }
  }

  private static let image = ActivationShape.image(height: 12, width: 10, channels: 20)

  @Test(
    "is that of a convolution in 32-bit floats within a network of 16-bit floats",
    .needsBFloat16)
  func wideConvolution() throws {
    _ = try Machine.start(threads: 2)
    var wide = ConvolutionOptions(filters: 17, kernel: 3)
    wide.precision = .float32
    let layers: [LayerSpecification] = [
      .convolution(.init(filters: 18, kernel: 3)), .convolution(wide),
      .convolution(.init(filters: 19, kernel: 3)),
    ]
    for policy in [ConvolutionPolicy.direct, .always(.frequency), .always(.winograd)] {
      let mixed = try chain(layers, Self.image, .bfloat16, policy)
      let converts: Bool
      if case .always(.frequency) = policy { converts = false } else { converts = true }
      // A convolution in the frequency domain gives what the next one reads.
      #expect(
        names(mixed)
          == [
            "Conversion bf16", converts ? "Convolution bf16" : "Convolution f32",
            converts ? "Conversion f32" : nil, converts ? "Convolution f32" : "Convolution bf16",
            converts ? "Conversion bf16" : nil, converts ? "Convolution bf16" : "Convolution f32",
            converts ? "Conversion f32" : nil,
          ].compactMap(\.self))
      #expect(mixed.computingPrecision == .bfloat16)
      let plain = try chain(layers, Self.image, .float32, policy)
      #expect(!plain.layers.contains { $0 is Conversion })
      let input = FloatBuffer(numbers(Self.rows * Self.image.count, "input"))
      let pass = Pass.training(seed: 0, step: 0)
      let (one, other) = (
        try mixed.forward(input, pass).values, try plain.forward(input, pass).values
      )
      let most = other.map(abs).max() ?? 0
      #expect(zip(one, other).allSatisfy { abs($0 - $1) < 0.03 * most } && one != other)
    }
  }

  @Test("of 16 bits cannot be asked for in a network of 32 bits")
  func narrowConvolution() throws {
    var options = ConvolutionOptions(filters: 3, kernel: 3)
    options.precision = .bfloat16
    #expect(throws: NeuralError.self) {
      _ = try chain([.convolution(options)], Self.image, .float32)
    }
  }

  @Test("is planes between planar convolutions if every layer between reads them")
  func planes() throws {
    let first: [LayerSpecification] = [
      .convolution(.init(filters: 6, kernel: 3, activation: .relu)), .maxPool(.init(window: 2)),
    ]
    let second: [LayerSpecification] = [
      .convolution(.init(filters: 12, kernel: 2)), .maxPool(.init(window: 2)),
    ]
    let input = ActivationShape.image(height: 20, width: 18, channels: 1)
    func layouts(_ between: [LayerSpecification]) throws -> [Format.Layout] {
      let chain = try chain(first + between + second, input, .float32)
      #expect(!chain.layers.contains { $0 is Conversion })
      return chain.layers.map(\.outputFormat.layout)
    }
    #expect(try layouts([]) == [.planes, .interleaved])
    #expect(
      try layouts([.activation(.tanh), .dropout(rate: 0.5)])
        == [.planes, .planes, .planes, .interleaved])
    // A dropout right above the pool belongs to the first layer.
    #expect(
      try layouts([.dropout(rate: 0.5), .activation(.tanh)]) == [.planes, .planes, .interleaved])
    #expect(
      try layouts([.batchNormalization(.init())]) == [.interleaved, .interleaved, .interleaved])
  }

  @Test(
    "of 32 bits needs no conversion above a convolution that gives it",
    .needsBFloat16)
  func wideOutput() throws {
    _ = try Machine.start(threads: 2)
    let layers: [LayerSpecification] = [
      .convolution(.init(filters: 5, kernel: 3)), .flatten, .dense(.init(units: 3)),
    ]
    #expect(
      names(try chain(layers, Self.image, .bfloat16, .always(.frequency)))
        == ["Conversion bf16", "Convolution f32", "Flatten f32", "Dense f32"])
    #expect(
      names(try chain(layers, Self.image, .bfloat16))
        == ["Conversion bf16", "Convolution bf16", "Conversion f32", "Flatten f32", "Dense f32"])
  }

  @Test("is converted value by value, and back", arguments: [Precision.float32, .bfloat16])
  func conversion(precision: Precision) throws {
    let (height, width, channels) = (3, 5, 7)
    let shape = ActivationShape.image(height: height, width: width, channels: channels)
    let planes = Conversion(
      shape, rows: 2, from: .float32, to: Format(precision: precision, layout: .planes))
    let count = 2 * shape.count
    // Small whole numbers are exact in 16 bits.
    let values = (0..<count).map { Float($0 % 211) }
    let (input, output) = (FloatBuffer(values), FloatBuffer(count: count, precision: precision))
    planes.forward(input, into: output, pass: .inference)
    for row in 0..<2 {
      for channel in 0..<channels {
        for pixel in 0..<height * width {
          #expect(
            output.values[(row * channels + channel) * height * width + pixel]
              == values[(row * height * width + pixel) * channels + channel])
        }
      }
    }
    let gradient = FloatBuffer(count: count)
    planes.backward(
      input: input, output: output, outputGradient: output, inputGradient: gradient,
      pass: .inference)
    #expect(gradient.values == values)
  }
}

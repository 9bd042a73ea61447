import Randomness
import Testing

@testable import Neural

/// 16-bit floats against 32-bit ones.
@Suite("In 16-bit floats")
struct PrecisionTests {
  private static let rows = 32

  private func numbers(_ count: Int, _ purpose: String) -> [Float] {
    var random = RandomStream(seed: 11, purpose)
    return (0..<count).map { _ in Float(2 * random.uniform() - 1) }
  }

  private struct Result {
    let output: [Float]
    let gradients: [[Float]]
  }

  private func run(_ example: LayerCase, _ precision: Precision) throws -> Result {
    let context = LayerContext(
      input: example.input, rows: Self.rows, seed: 3, isTrainable: true, precision: precision)
    let chain = try LayerChain(
      example.layers, input: example.input, context: context, outputPrecision: .float32)
    let input = FloatBuffer(numbers(Self.rows * example.input.count, "input"))
    let pass = Pass.training(seed: 0, step: 0)
    let output = try chain.forward(input, pass)
    let inputGradient = FloatBuffer(count: input.count)
    try chain.backward(
      input: input, outputGradient: FloatBuffer(numbers(output.count, "weights")),
      inputGradient: inputGradient, pass)
    return Result(
      output: output.values,
      gradients: chain.parameters.filter(\.isTrainable).map(\.gradient.values)
        + [inputGradient.values])
  }

  /// The length of the difference beside the length of what it should be.
  private func distance(_ found: [Float], _ expected: [Float]) -> Double {
    var (difference, length) = (0.0, 0.0)
    for (one, other) in zip(found, expected) {
      difference += (Double(one) - Double(other)) * (Double(one) - Double(other))
      length += Double(other) * Double(other)
    }
    return length == 0 ? difference.squareRoot() : (difference / length).squareRoot()
  }

  // A rounding moves a number by at most 2^-9 of itself. A layer rounds its input, its weights and
  // its output, and sums of products with both signs lose as much again: four roundings a layer. A
  // gradient goes through the layers twice. And where a value changes sides under ReLU, or two
  // change places under a pool, the whole of a gradient goes elsewhere: sums that are wrong by
  // 4 x 2^-9 of their spread change sides in 2 x 0.4 x 4 x 2^-9 = 0.6 % of cases, 0.4 being the
  // density of a normal distribution at its middle, which moves a gradient by the root of that,
  // 0.079, at each such layer.
  // Elsewhere a network in them is refused before it is made.
  @Test(
    "every layer stays near its 32-bit form", .needsBFloat16,
    arguments: layerCases)
  func near(example: LayerCase) throws {
    _ = try Machine.start(threads: 2)
    let (wide, narrow) = (try run(example, .float32), try run(example, .bfloat16))
    let unit = 1.0 / 512
    let layers = Double(example.depth)
    #expect(distance(narrow.output, wide.output) <= 4 * layers * unit)
    for (one, other) in zip(narrow.gradients, wide.gradients) {
      // The gradient of a bias right under a batch normalisation is 0 but for rounding.
      let size = other.map(abs).max() ?? 0
      if size < 1e-4 { continue }
      #expect(distance(one, other) <= 8 * layers * unit + Double(example.switches) * 0.079)
    }
  }

  @Test(
    "a network says what it computes in, and its embeddings are 32-bit floats",
    .needsBFloat16)
  func towers() throws {
    _ = try Machine.start(threads: 2)
    let convolution = LayerSpecification.convolution(.init(filters: 20, kernel: 3))
    let dense = LayerSpecification.dense(.init(units: 6))
    let shape = ActivationShape.image(height: 8, width: 8, channels: 3)
    func tower(_ layers: [LayerSpecification], _ precision: Precision) throws -> Tower {
      let tower = try Tower(
        layers, input: shape, rows: 3, seed: 1, isTrainable: true, precision: precision)
      tower.input.replace(with: numbers(tower.input.count, "input"))
      try tower.forward(.training(seed: 0, step: 0))
      try tower.backward(
        embeddingGradient: FloatBuffer(numbers(tower.embeddings.count, "weights")),
        .training(seed: 0, step: 0))
      return tower
    }
    let nested: [LayerSpecification] = [.branches([[convolution, .flatten], [.flatten]]), dense]
    #expect(try tower(nested, .bfloat16).precision == .bfloat16)
    #expect(try tower(nested, .float32).precision == .float32)
    // Dense layers round the factors of their products; sums and embeddings are 32-bit floats.
    let features: [LayerSpecification] = [
      .flatten, dense, .residual(.init(body: [dense], activation: .relu)),
    ]
    let (narrow, wide) = (try tower(features, .bfloat16), try tower(features, .float32))
    #expect(narrow.precision == .bfloat16 && narrow.embeddings.precision == .float32)
    #expect(narrow.embeddings.values != wide.embeddings.values)
    #expect(distance(narrow.embeddings.values, wide.embeddings.values) < 3 * 2.0 / 512)
    for (one, other) in zip(narrow.parameters, wide.parameters) {
      #expect(distance(one.gradient.values, other.gradient.values) < 3 * 4.0 / 512)
    }
    // Nothing is rounded without a product.
    let plain: [LayerSpecification] = [.flatten, .l2Normalization]
    #expect(try tower(plain, .bfloat16).precision == .float32)
  }

  @Test("a number keeps the nearest of 8 bits, the even one of two, and comes back")
  func rounding() {
    // 1 + 2^-7 is the next number after 1; half way lies 1 + 2^-8.
    let values: [Float] = [
      0, 1, -1, 1 + 1 / 128, 1 + 1 / 256, 1 + 3 / 256, 1 + 1.1 / 256, 3e38, 1e-38, .infinity,
      -.infinity,
    ]
    let expected: [Float] = [
      0, 1, -1, 1 + 1 / 128, 1, 1 + 2 / 128, 1 + 1 / 128, 0x1.c4p127, 0x1.b4p-127, .infinity,
      -.infinity,
    ]
    let narrow = FloatBuffer(values, precision: .bfloat16)
    for (one, other) in zip(narrow.values, expected) {
      #expect(one == other || abs(one - other) <= abs(other) / 256)
    }
    #expect(Array(narrow.values.prefix(7)) == Array(expected.prefix(7)))
    let wide = FloatBuffer(count: values.count)
    wide.copy(narrow)
    #expect(wide.values == narrow.values)
    let odd = [Float.nan, Float(bitPattern: 0x7fff_ffff), Float(bitPattern: 0x7f80_0001)]
    for value in FloatBuffer(odd, precision: .bfloat16).values { #expect(value.isNaN) }
  }
}

extension LayerCase {
  /// How many layers stand over each other, those of blocks counted each.
  var depth: Int { layers.reduce(0) { $0 + $1.depth } }
}

extension LayerCase {
  /// How many layers let one value take the place of another.
  fileprivate var switches: Int { layers.reduce(0) { $0 + $1.switches } }
}

extension LayerSpecification {
  fileprivate var switches: Int {
    func count(_ activation: Activation?) -> Int {
      activation == .relu || activation == .leakyReLU ? 1 : 0
    }
    return switch kind {
    case let options as ConvolutionOptions: count(options.activation)
    case let options as DenseOptions: count(options.activation)
    case let options as ActivationOptions: count(options.kind)
    case is MaxPoolOptions, is ChannelRowPoolOptions, is PReLUOptions: 1
    case let options as ResidualOptions:
      count(options.activation)
        + (options.body + (options.shortcut ?? [])).reduce(0) { $0 + $1.switches }
    case let options as BranchesOptions:
      options.branches.joined().reduce(0) { $0 + $1.switches }
    // A place that is held at the border, or between others, is one as well.
    case let options as SpatialTransformerOptions:
      options.localization.reduce(1) { $0 + $1.switches }
    default: 0
    }
  }

  fileprivate var depth: Int {
    switch kind {
    case let options as ResidualOptions:
      1 + (options.body + (options.shortcut ?? [])).reduce(0) { $0 + $1.depth }
    case let options as BranchesOptions:
      1 + options.branches.joined().reduce(0) { $0 + $1.depth }
    case let options as SpatialTransformerOptions:
      1 + options.localization.reduce(0) { $0 + $1.depth }
    default: 1
    }
  }
}

import CKernels
import CMachine
import Testing

@testable import Neural

/// Layers that are computed in one pass over memory beside the same layers apart.
@Suite("Layers that are fused")
struct FusionTests {
  /// The layers above a batch normalisation.
  static let tails: [[LayerSpecification]] = [
    [.activation(.relu)], [.activation(.leakyReLU)], [.prelu(initial: 0.25)],
    [.dropout(rate: 0.3)], [.maxPool(.init(window: 2))],
    [.activation(.relu), .dropout(rate: 0.4)], [.prelu(initial: -0.5), .maxPool(.init(window: 2))],
    [.dropout(rate: 0.3), .maxPool(.init(window: 2))],
    [.prelu(initial: 0.1), .dropout(rate: 0.6), .maxPool(.init(window: 2))],
  ]

  private static let rows = 5

  /// The output, the gradient of the input, those of the weights and the running means after a step.
  private func results(
    _ layers: [LayerSpecification], _ input: ActivationShape, precision: Precision, isApart: Bool
  ) throws -> (layers: Int, values: [[Float]]) {
    let context = LayerContext(
      input: input, rows: Self.rows, seed: 3, isTrainable: true, precision: precision,
      inputFormat: Format(precision: precision), keepsLayersApart: isApart)
    let chain = try LayerChain(layers, input: input, context: context, outputPrecision: .float32)
    for (index, parameter) in chain.parameters.enumerated() where parameter.isTrainable {
      parameter.values.replace(
        with: zip(parameter.values.values, numbers(parameter.count, "weights \(index)")).map(+))
    }
    let source = FloatBuffer(numbers(Self.rows * input.count, "input"), precision: precision)
    let gradient = FloatBuffer(numbers(Self.rows * chain.outputShape.count, "gradient"))
    let inputGradient = FloatBuffer(count: source.count, precision: precision)
    let pass = Pass.training(seed: 5, step: 7)
    try chain.forward(source, pass)
    try chain.backward(
      input: source, outputGradient: gradient, inputGradient: inputGradient, pass)
    var values = [chain.output(of: source).values, inputGradient.values]
    values += chain.parameters.filter(\.isTrainable).map(\.gradient.values)
    values += chain.parameters.filter { !$0.isTrainable }.map(\.values.values)
    try chain.forward(source, .inference)
    return (chain.layers.count, values + [chain.output(of: source).values])
  }

  @Test(
    "give the same as apart, with every instruction set", arguments: tails,
    [CMACHINE_PORTABLE, CMACHINE_AVX2, CMACHINE_AVX512])
  func normalization(tail: [LayerSpecification], level: CMachineLevel) throws {
    _ = try Machine.start(threads: 2)
    cmachine_limit_level(level)
    defer { cmachine_limit_level(CMACHINE_AVX512) }
    let layers = [.batchNormalization(.init())] + tail
    // Sides that windows cover and that they do not, and more channels than are summed at a time.
    for (height, width, channels) in [(6, 8, 3), (7, 5, 17), (9, 40, 70), (2, 3, 1)] {
      let input = ActivationShape.image(height: height, width: width, channels: channels)
      let together = try results(layers, input, precision: .float32, isApart: false)
      let apart = try results(layers, input, precision: .float32, isApart: true)
      #expect(together.layers == 1 && apart.layers == layers.count)
      for (one, other) in zip(together.values, apart.values) {
        let most = max(other.map(abs).max() ?? 0, 1e-3)
        #expect(zip(one, other).allSatisfy { abs($0 - $1) <= 2e-6 * most })
      }
    }
  }

  @Test("have the variance of values far from 0")
  func variance() throws {
    _ = try Machine.start(threads: 2)
    let shape = CNormShape(
      rows: 10, height: 10, width: 10, channels: 1, window: 1, rate: 0, key: 0,
      numbers: CRowNumbers(first: 0, step: 1))
    // The first pixel is far from all others.
    let values = (0..<1_000).map { $0 == 0 ? 0 : Float(1_000 + $0 % 2) }
    var (mean, variance): ([Float], [Float]) = ([0], [0])
    var sums = [Double](repeating: 0, count: 3 * Int(CNORM_CHUNKS))
    cnorm_moments(shape, CELEMENT_FLOAT32, values, &sums, &mean, &variance)
    let exact = values.map(Double.init).reduce(0, +) / 1_000
    let spread = values.map { (Double($0) - exact) * (Double($0) - exact) }.reduce(0, +) / 1_000
    #expect(abs(Double(mean[0]) - exact) < 1e-4)
    #expect(abs(Double(variance[0]) - spread) < 1e-4 * spread)
  }

  @Test("round images to 16 bits once instead of between all layers", arguments: tails)
  func narrow(tail: [LayerSpecification]) throws {
    _ = try Machine.start(threads: 2)
    let layers = [.batchNormalization(.init())] + tail
    let input = ActivationShape.image(height: 7, width: 6, channels: 17)
    let together = try results(layers, input, precision: .bfloat16, isApart: false)
    let exact = try results(layers, input, precision: .float32, isApart: false)
    for (one, other) in zip(together.values, exact.values) {
      let most = max(other.map(abs).max() ?? 0, 1e-3)
      let errors = zip(one, other).map { abs($0 - $1) }.sorted()
      // Another maximum of a window, or side of a rectifier, may be taken where two are nearly the
      // same.
      #expect(errors[errors.count * 9 / 10] <= most / 64)
    }
  }

  @Test("of features are fused without a pool")
  func features() throws {
    _ = try Machine.start(threads: 2)
    let layers: [LayerSpecification] = [
      .dense(DenseOptions(units: 33)), .batchNormalization(.init()), .activation(.relu),
      .dropout(rate: 0.2), .dense(DenseOptions(units: 4)),
    ]
    let together = try results(layers, .features(20), precision: .float32, isApart: false)
    let apart = try results(layers, .features(20), precision: .float32, isApart: true)
    #expect(together.layers == 3 && apart.layers == 5)
    for (one, other) in zip(together.values, apart.values) {
      let most = max(other.map(abs).max() ?? 0, 1e-3)
      #expect(zip(one, other).allSatisfy { abs($0 - $1) <= 5e-6 * most })
    }
  }

  @Test("end where the frozen layers end")
  func frozen() throws {
    _ = try Machine.start(threads: 2)
    let layers: [LayerSpecification] = [
      .convolution(.init(filters: 4, kernel: 3)), .batchNormalization(.init()),
      .prelu(initial: 0.25), .dropout(rate: 0.2), .flatten, .dense(DenseOptions(units: 3)),
    ]
    func trained(frozen: Int) throws -> [String] {
      try Tower(
        layers, input: .image(height: 6, width: 6, channels: 2), rows: 2, seed: 0,
        isTrainable: true, frozenLayers: frozen
      ).trainedParameters.map(\.name)
    }
    #expect(try trained(frozen: 2) == ["2.alpha", "5.kernel", "5.bias"])
    #expect(try trained(frozen: 3) == ["5.kernel", "5.bias"])
    #expect(try trained(frozen: 1).count == 7)
  }

  @Test("leave what does not fit apart")
  func limits() {
    let image = ActivationShape.image(height: 8, width: 8, channels: 2)
    func count(_ layers: [LayerSpecification]) -> Int {
      NormalizationTail(layers[...], over: image).count
    }
    #expect(count([.activation(.tanh), .dropout(rate: 0.1)]) == 0)
    #expect(count([.maxPool(.init(window: 3))]) == 0)
    #expect(count([.maxPool(.init(window: 2)), .dropout(rate: 0.1)]) == 1)
    #expect(count([.dropout(rate: 0.1), .activation(.relu)]) == 1)
    #expect(count([.dropout(rate: 0.1), .dropout(rate: 0.1)]) == 1)
    #expect(count([.activation(.relu), .prelu(initial: 0.1)]) == 1)
  }
}

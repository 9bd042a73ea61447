import CKernels
import CMachine
import Foundation
import Testing

@testable import Neural

/// Numbers at the edge: tiny embeddings, NaN, memory without a bound.
@Suite("At the edge")
struct EdgeCaseTests {
  @Test(
    "the cosine loss is a number for embeddings of any length",
    arguments: [Float(1), 1e-6, 1e-12, 1e-18, 1e-22])
  func tinyCosines(norm: Float) throws {
    // An angle of 60 degrees, whatever the length: cos = 1/2.
    let (left, right): ([Float], [Float]) = (
      [norm, 0], [norm / 2, norm * Float(0.75).squareRoot()]
    )
    let embeddings = FloatBuffer(left + right)
    let gradient = FloatBuffer(count: 4)
    let loss = CosineEmbeddingLoss(margin: 0)
    let genuine = loss.evaluate(embeddings, length: 2, genuine: [true], gradient: gradient)
    #expect(abs(genuine - 0.5) < 1e-5)
    #expect(gradient.values.allSatisfy { $0.isFinite })
    // d(1 - cos) / d left = -(b / |a||b| - cos a / |a|^2), of length sin / |a|.
    let length = (gradient.values[0] * gradient.values[0] + gradient.values[1] * gradient.values[1])
      .squareRoot()
    if norm > 1e-15 { #expect(abs(length * norm - Float(0.75).squareRoot()) < 1e-4) }
    let distance = Distance.cosine.between(embeddings.start, embeddings.start + 2, length: 2)
    #expect(abs(distance - 0.5) < 1e-6)
  }

  @Test("the cosine loss of an embedding with a NaN is a NaN")
  func nanCosine() {
    let gradient = FloatBuffer(count: 4)
    let value = CosineEmbeddingLoss(margin: 0).evaluate(
      FloatBuffer([.nan, 1, 1, 0]), length: 2, genuine: [true], gradient: gradient)
    #expect(value.isNaN)
  }

  @Test(
    "a NaN reaches the maximum of its window wherever it stands", arguments: [2, 3], 0..<9)
  func nanInPool(window: Int, place: Int) throws {
    guard place < window * window else { return }
    for isBF16 in [false, true] {
      var values = (0..<window * window).map { Float($0) }
      values[place] = .nan
      let precision: Precision = isBF16 ? .bfloat16 : .float32
      let input = FloatBuffer(values, precision: precision)
      let output = FloatBuffer(count: 1, precision: precision)
      ckernels_max_pool(
        CPoolShape(
          rows: 1, height: window, width: window, channels: 1, window: window, over_relu: 0),
        input.element, input.raw, output.raw)
      #expect(output.values[0].isNaN, "place \(place) of \(window * window), bf16 \(isBF16)")
    }
  }

  @Test("a NaN reaches the maximum of a planar convolution too", arguments: 0..<4)
  func nanInPlanar(place: Int) {
    var shape = CPlanarShape(
      rows: 1, height: 2, width: 2, channels: 1, filters: 1, kernel: 1, relu: 0, planar_input: 0,
      planar_output: 0, narrow: 0)
    for level in [CMACHINE_AVX512, CMACHINE_AVX2] {
      cmachine_limit_level(level)
      defer { cmachine_limit_level(CMACHINE_AVX512) }
      for (relu, narrow) in [(0, 0), (1, 0), (0, 1), (1, 1)] as [(Int32, Int32)] {
        (shape.relu, shape.narrow) = (relu, narrow)
        var values: [Float] = [1, 2, 3, 4]
        values[place] = .nan
        let scratch = FloatBuffer(count: cplanar_scratch(shape))
        var (output, places): ([Float], [UInt8]) = ([0], [0])
        cplanar_forward(shape, values, [1], [0], nil, scratch.start, &output, &places)
        #expect(output[0].isNaN, "place \(place), relu \(relu), narrow \(narrow), \(level)")
      }
    }
  }

  @Test(
    "a NaN among the weights of a convolution reaches its output through ReLU",
    arguments: [ConvolutionMethod.direct, .imagewise, .winograd, .frequency], ["kernel", "bias"])
  func nanInConvolution(method: ConvolutionMethod, place: String) throws {
    _ = try Machine.start(threads: 2)
    let tower = try Tower(
      [.convolution(.init(filters: 16, kernel: 3, activation: .relu)), .flatten],
      input: .image(height: 8, width: 8, channels: 16), rows: 2, seed: 1, isTrainable: true,
      convolution: .always(method))
    tower.input.replace(with: (0..<tower.input.count).map { Float($0 % 7) })
    try tower.forward(.inference)
    #expect(tower.embeddings.values.allSatisfy { $0.isFinite })
    let parameter = try #require(tower.parameters.first { $0.name.hasSuffix(place) })
    parameter.values.start[0] = .nan
    parameter.change()
    try tower.forward(.inference)
    #expect(tower.embeddings.values.contains { $0.isNaN })
  }

  @Test("a NaN reaches the maximum over channels and rows wherever it stands", arguments: 0..<4)
  func nanInChannelPool(place: Int) {
    var values: [Float] = [1, 2, 3, 4]
    values[place] = .nan
    var output: [Float] = [0]
    let shape = CImageShape(rows: 1, height: 2, width: 1, channels: 2)
    cgeometry_pool_channels(shape, 2, values, &output)
    #expect(output[0].isNaN)
    var gradient: [Float] = [0, 0, 0, 0]
    cgeometry_pool_channels_backward(shape, 2, values, [1], &gradient)
    #expect(gradient[place] == 1 && gradient.reduce(0, +) == 1)
  }

  @Test("means over a million pixels are as exact as their values")
  func longMeans() throws {
    _ = try Machine.start(threads: 2)
    for layer in [LayerSpecification.globalAveragePool, .averagePool(.init(window: 1_000))] {
      let tower = try Tower(
        [layer, .flatten], input: .image(height: 1_000, width: 1_000, channels: 2), rows: 1,
        seed: 0, isTrainable: false)
      tower.input.replace(with: [Float](repeating: 0.1, count: tower.input.count))
      try tower.forward(.inference)
      for value in tower.embeddings.values { #expect(abs(value - 0.1) < 1e-6, "\(layer)") }
    }
    let shape = CImageShape(rows: 1, height: 1_000, width: 1_000, channels: 1)
    var sum: [Float] = [0]
    let ones = [Float](repeating: 1, count: 1_000_000)
    cgeometry_scale_backward(
      shape, [Float](repeating: 0.1, count: 1_000_000), [1], ones, &sum, nil)
    #expect(abs(sum[0] - 100_000) < 0.1)
  }

  @Test(
    "a gradient whose square is no float leaves memory that can be read again",
    arguments: [
      OptimizerSpecification.adam(rate: 0.1, beta1: nil, beta2: nil, epsilon: nil, amsgrad: nil),
      .adam(rate: 0.1, beta1: nil, beta2: nil, epsilon: nil, amsgrad: true),
      .nadam(rate: 0.1, beta1: nil, beta2: nil, epsilon: nil),
      .rmsprop(rate: 0.1, rho: 0.9, epsilon: 1e-7),
    ])
  func hugeGradient(specification: OptimizerSpecification) throws {
    let parameter = Parameter(name: "w", shape: [1])
    parameter.values.replace(with: [3])
    parameter.gradient.replace(with: [1e22])
    let optimizer = try Optimizer(specification)
    optimizer.update([parameter], step: 0)
    let memory = optimizer.memory
    #expect(memory.values.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    try Optimizer(specification).restore(
      memory.mapValues { ([$0.count], $0.values) }, for: [parameter], step: 1)
    #expect(parameter.values.values[0].isFinite)
  }

  @Test("a planar convolution works in bounded memory, whatever the image")
  func planarMemory() throws {
    func make(_ side: Int) throws -> (any Layer)? {
      let context = LayerContext(
        input: .image(height: side, width: side, channels: 3), rows: 1, seed: 0, isTrainable: false,
        precision: .float32)
      let layers: [LayerSpecification] = [
        .convolution(.init(filters: 18, kernel: 5)), .maxPool(.init(window: 2)),
      ]
      guard try PlanarConvolution.length(layers[...], context: context) == 2 else { return nil }
      return try PlanarConvolution.make(layers, contexts: [context, context])
    }
    let small = try #require(try make(64))
    #expect(small.workBytes < PlanarConvolution.scratchLimit)
    #expect(try make(1_024) == nil)
  }

  @Test("an optimiser's update with weight decay is that of plain formulas")
  func decay() throws {
    // Keras 3 with a kernel regulariser l2: the gradient has 2 l2 w more.
    func check(_ specification: OptimizerSpecification, _ expected: (Double, Double) -> Double)
      throws
    {
      let parameter = Parameter(name: "w", shape: [1], l2: 0.25)
      parameter.values.replace(with: [3])
      parameter.gradient.replace(with: [0.5])
      try Optimizer(specification).update([parameter], step: 0)
      let wanted = expected(3, 0.5 + 2 * 0.25 * 3)
      #expect(abs(Double(parameter.values.values[0]) - wanted) < 1e-5, "\(specification.name)")
    }
    try check(.sgd(rate: 0.1, momentum: nil, nesterov: nil)) { w, g in w - 0.1 * g }
    try check(.rmsprop(rate: 0.1, rho: 0.9, epsilon: 0.01)) { w, g in
      w - 0.1 * g / (0.1 * g * g + 0.01).squareRoot()
    }
    // The first step of Adam moves by the rate, whatever the gradient; its second moment shows it.
    let parameter = Parameter(name: "w", shape: [1], l2: 0.25)
    parameter.values.replace(with: [3])
    parameter.gradient.replace(with: [0.5])
    let adam = try Optimizer(
      .adam(rate: 0.1, beta1: nil, beta2: nil, epsilon: nil, amsgrad: nil))
    adam.update([parameter], step: 0)
    #expect(abs((adam.memory["second.w"]?.values[0] ?? 0) - 0.001 * 4) < 1e-6)
  }

  @Test("Nadam's momentum product is the same in one go and after going on")
  func nadam() throws {
    func run(_ cut: Int?) throws -> [Float] {
      let parameter = Parameter(name: "w", shape: [2])
      parameter.values.replace(with: [1, -2])
      parameter.gradient.replace(with: [0.3, 0.7])
      let specification = OptimizerSpecification.nadam(
        rate: 0.01, beta1: nil, beta2: nil, epsilon: nil)
      var optimizer = try Optimizer(specification)
      for step in 0..<40 {
        if step == cut {
          let next = try Optimizer(specification)
          try next.restore(
            optimizer.memory.mapValues { ([$0.count], $0.values) }, for: [parameter], step: step)
          optimizer = next
        }
        optimizer.update([parameter], step: step)
      }
      return parameter.values.values
    }
    #expect(try run(nil) == run(17))
  }

  @Test("starting from many threads at once ends in one engine")
  func starts() async throws {
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<16 {
        group.addTask {
          do throws(NeuralError) { return try Machine.start(threads: 2).threads == 2 } catch {
            return false
          }
        }
      }
      for await isStarted in group { #expect(isStarted) }
    }
  }
}

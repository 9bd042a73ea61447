import Dispatch
import Randomness

extension ConvolutionTimes {
  /// Measures a convolution with every method that can compute it: the shortest time of each part.
  init(measuring setup: ConvolutionSetup) throws(NeuralError) {
    let trial = ConvolutionTrial(setup)
    // The network's own memory does not grow for a method that it may not take.
    direct = try trial.passes(try DirectConvolution(setup.with(Arena()), isImagewise: false))
    if ConvolutionMethod.frequency.fits(setup.shape) {
      frequency = trial.parts(try FrequencyConvolution(setup.with(Arena())))
    }
    if ConvolutionMethod.winograd.fits(setup.shape) {
      winograd = try trial.passes(try WinogradConvolution(setup.with(Arena())))
    }
  }
}

extension ConvolutionTimes.Planar {
  private static let rounds = 5

  /// Measures a convolution and its pool as one layer and apart: the shortest time of each.
  ///
  /// The two take turns, so that other load of the machine meets both.
  init(
    measuring options: ConvolutionOptions, _ pool: MaxPoolOptions, _ context: LayerContext,
    _ timings: ConvolutionTimings
  ) throws(NeuralError) {
    func trial(
      _ policy: ConvolutionPolicy, isApart: Bool
    ) throws(NeuralError) -> () throws(NeuralError) -> Double {
      let chain = try LayerChain(
        [.convolution(options), .maxPool(pool)], input: context.input,
        context: LayerContext(
          input: context.input, rows: context.rows, seed: 0, isTrainable: context.isTrainable,
          precision: context.precision, keepsLayersApart: isApart,
          needsInputGradient: context.needsInputGradient, resources: NetworkResources(policy)))
      // A gradient of 0 costs a planar convolution nothing.
      var random = RandomStream(seed: 0, "planar trial")
      func drawn(_ count: Int, _ precision: Precision) -> FloatBuffer {
        FloatBuffer((0..<count).map { _ in Float(random.uniform() - 0.5) }, precision: precision)
      }
      let input = drawn(context.rows * context.input.count, .float32)
      let gradient = drawn(context.rows * chain.outputShape.count, chain.outputPrecision)
      let below = context.needsInputGradient ? FloatBuffer(count: input.count) : nil
      return { () throws(NeuralError) in
        1_000
          * (try chain.time(input, outputGradient: gradient, inputGradient: below, repeats: 3))
          .reduce(0) { $0 + $1.forward + $1.backward }
      }
    }
    let (own, other) = (
      try trial(.direct, isApart: false), try trial(.measured(timings), isApart: true)
    )
    (together, apart) = (try own(), try other())
    for _ in 1..<Self.rounds {
      (together, apart) = (min(together, try own()), min(apart, try other()))
    }
  }
}

/// A convolution that is computed over memory of its own.
private struct ConvolutionTrial {
  private let passes: ConvolutionPasses
  private let input: FloatBuffer
  private let output: FloatBuffer
  private let weights: ConvolutionWeights
  private var gradient: ConvolutionGradient { ConvolutionGradient(values: output, output: nil) }

  init(_ setup: ConvolutionSetup) {
    let shape = setup.shape
    func images(_ count: Int, _ precision: Precision) -> FloatBuffer {
      let buffer = FloatBuffer(count: shape.rows * count, precision: precision)
      // Memory that was never written is not there yet.
      buffer.clear()
      return buffer
    }
    passes = setup.passes
    input = images(shape.height * shape.width * shape.channels, setup.inputPrecision)
    output = images(shape.output.count, setup.outputPrecision)
    weights = ConvolutionWeights(
      kernel: Parameter(
        name: "", shape: [shape.kernel, shape.kernel, shape.channels, shape.filters]),
      bias: setup.hasBias ? Parameter(name: "", shape: [shape.filters]) : nil)
  }

  /// The passes of a method that shares nothing between them.
  func passes(
    _ algorithm: any ConvolutionAlgorithm
  ) throws(NeuralError) -> ConvolutionTimes.Passes {
    var times = ConvolutionTimes.Passes()
    times.forward = try shortest { () throws(NeuralError) in
      try algorithm.forward(input, weights, isKernelNew: true, into: output)
    }
    if passes.contains(.weights) {
      times.weights = try shortest { () throws(NeuralError) in
        try algorithm.weightGradient(input: input, gradient, weights)
      }
    }
    if passes.contains(.data) {
      times.data = try shortest { () throws(NeuralError) in
        try algorithm.dataGradient(gradient, weights, into: input)
      }
    }
    return times
  }

  /// The transforms to the frequency domain and the rest of each pass.
  func parts(_ frequency: FrequencyConvolution) -> ConvolutionTimes.Frequency {
    let whole = shortest { frequency.forward(input, weights, isKernelNew: true, into: output) }
    let withoutKernel = shortest {
      frequency.forward(input, weights, isKernelNew: false, into: output)
    }
    let transform = shortest { frequency.transformInput(input) }
    // Times vary, so that a difference may be negative.
    var times = ConvolutionTimes.Frequency(
      kernel: max(whole - withoutKernel, 0), input: transform,
      forward: max(withoutKernel - transform, 0))
    if passes.contains(.weights) {
      times.gradient = shortest { frequency.prepare(gradient, weights) }
      times.weights = shortest { frequency.weightGradient(input: input, gradient, weights) }
    }
    if passes.contains(.data) {
      times.data = shortest { frequency.dataGradient(gradient, weights, into: input) }
    }
    return times
  }

  /// The shortest of at least three times, and of as many as fit into 20 ms, in milliseconds:
  /// other load of the machine can disturb several in a row.
  private func shortest<Failure: Error>(
    _ body: () throws(Failure) -> Void
  ) throws(Failure) -> Double {
    var (best, spent, count) = (Double.infinity, 0.0, 0)
    while count < 3 || spent < 20 {
      let start = DispatchTime.now().uptimeNanoseconds
      try body()
      let time = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-6
      (best, spent, count) = (min(best, time), spent + time, count + 1)
    }
    return (best * 1_000).rounded() / 1_000
  }
}

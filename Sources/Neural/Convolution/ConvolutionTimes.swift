import Dispatch

/// The milliseconds that the parts of a convolution take with each method.
public struct ConvolutionTimes: Codable, Sendable, Equatable {
  /// The passes of the direct method.
  struct Direct: Codable, Equatable {
    var forward = 0.0
    var weights = 0.0
    var data = 0.0
  }

  /// The transforms of the kernel, the input and the output's gradient, and the rest of each pass.
  struct Frequency: Codable, Equatable {
    var kernel = 0.0
    var input = 0.0
    var gradient = 0.0
    var forward = 0.0
    var weights = 0.0
    var data = 0.0
  }

  var direct = Direct()
  var frequency = Frequency()

  /// The milliseconds of a step with some methods.
  ///
  /// - Parameters:
  ///   - methods: the method of each pass.
  ///   - passes: the passes of the step.
  /// - Returns: the sum.
  func total(_ methods: PassMethods, _ passes: ConvolutionPasses) -> Double {
    func isFrequency(_ pass: ConvolutionPasses, _ method: ConvolutionMethod) -> Bool {
      passes.contains(pass) && method == .frequency
    }
    let (forward, weights, data) = (
      isFrequency(.forward, methods.forward), isFrequency(.weights, methods.weights),
      isFrequency(.data, methods.data)
    )
    var sum = 0.0
    // A transform serves all passes that need it.
    if forward || weights { sum += frequency.input }
    if forward || data { sum += frequency.kernel }
    if weights || data { sum += frequency.gradient }
    if passes.contains(.forward) { sum += forward ? frequency.forward : direct.forward }
    if passes.contains(.weights) { sum += weights ? frequency.weights : direct.weights }
    if passes.contains(.data) { sum += data ? frequency.data : direct.data }
    return sum
  }

  /// The milliseconds of a pass with one method; a transform counts for the first pass that needs it.
  public func time(
    _ pass: KeyPath<PassMethods, ConvolutionMethod>, _ method: ConvolutionMethod
  ) -> Double {
    let isFrequency = method == .frequency
    return switch pass {
    case \.forward:
      isFrequency ? frequency.kernel + frequency.input + frequency.forward : direct.forward
    case \.weights: isFrequency ? frequency.gradient + frequency.weights : direct.weights
    default: isFrequency ? frequency.data : direct.data
    }
  }

  /// The methods with the shortest step; direct ones unless others save a twentieth.
  func fastest(_ passes: ConvolutionPasses) -> PassMethods {
    let both: [ConvolutionMethod] = [.direct, .frequency]
    var best = PassMethods(.direct)
    var shortest = total(best, passes) * 0.95
    for forward in both {
      for weights in passes.contains(.weights) ? both : [.direct] {
        for data in passes.contains(.data) ? both : [.direct] {
          let methods = PassMethods(forward: forward, weights: weights, data: data)
          let own = total(methods, passes)
          if own < shortest { (best, shortest) = (methods, own) }
        }
      }
    }
    return best
  }
}

extension ConvolutionTimes {
  /// Measures a convolution: the minimum of three times of each part.
  init(measuring setup: ConvolutionSetup) throws(NeuralError) {
    let trial = try ConvolutionTrial(setup)
    direct.forward = try trial.directForward()
    frequency = trial.frequencyForward()
    guard setup.passes.contains(.weights) else { return }
    direct.weights = try trial.directWeights()
    (frequency.gradient, frequency.weights) = trial.frequencyWeights()
    guard setup.passes.contains(.data) else { return }
    direct.data = try trial.directData()
    frequency.data = trial.frequencyData()
  }
}

/// A convolution computed with both methods over memory of its own.
private struct ConvolutionTrial {
  private let direct: DirectConvolution
  private let frequency: FrequencyConvolution
  private let input: FloatBuffer
  private let output: FloatBuffer
  private let weights: ConvolutionWeights
  private var gradient: ConvolutionGradient { ConvolutionGradient(values: output, output: nil) }

  init(_ setup: ConvolutionSetup) throws(NeuralError) {
    let shape = setup.shape
    func images(_ count: Int, _ precision: Precision) -> FloatBuffer {
      let buffer = FloatBuffer(count: shape.rows * count, precision: precision)
      // Memory that was never written is not there yet.
      buffer.clear()
      return buffer
    }
    input = images(shape.height * shape.width * shape.channels, setup.inputPrecision)
    output = images(shape.output.count, setup.outputPrecision)
    weights = ConvolutionWeights(
      kernel: Parameter(
        name: "", shape: [shape.kernel, shape.kernel, shape.channels, shape.filters]),
      bias: setup.hasBias ? Parameter(name: "", shape: [shape.filters]) : nil)
    // The network's own memory does not grow for a method that it may not take.
    let own = setup.with(Arena())
    direct = try DirectConvolution(own)
    frequency = try FrequencyConvolution(own)
  }

  func directForward() throws(NeuralError) -> Double {
    try shortest { () throws(NeuralError) in
      try direct.forward(input, weights, isKernelNew: true, into: output)
    }
  }

  func directWeights() throws(NeuralError) -> Double {
    try shortest { () throws(NeuralError) in
      try direct.weightGradient(input: input, gradient, weights)
    }
  }

  func directData() throws(NeuralError) -> Double {
    try shortest { () throws(NeuralError) in
      try direct.dataGradient(gradient, weights, into: input)
    }
  }

  /// The transforms of the kernel and the input, and the rest of the forward pass.
  func frequencyForward() -> ConvolutionTimes.Frequency {
    let whole = shortest { frequency.forward(input, weights, isKernelNew: true, into: output) }
    let withoutKernel = shortest {
      frequency.forward(input, weights, isKernelNew: false, into: output)
    }
    let transform = shortest { frequency.transformInput(input) }
    // Times vary, so that a difference may be negative.
    return ConvolutionTimes.Frequency(
      kernel: max(whole - withoutKernel, 0), input: transform,
      forward: max(withoutKernel - transform, 0))
  }

  /// The transform of the output's gradient, and the rest of the gradient of the weights.
  func frequencyWeights() -> (transform: Double, rest: Double) {
    (
      shortest { frequency.prepare(gradient, weights) },
      shortest { frequency.weightGradient(input: input, gradient, weights) }
    )
  }

  func frequencyData() -> Double {
    shortest { frequency.dataGradient(gradient, weights, into: input) }
  }

  /// The minimum of three times, in milliseconds.
  private func shortest<Failure: Error>(
    _ body: () throws(Failure) -> Void
  ) throws(Failure) -> Double {
    var best = Double.infinity
    for _ in 0..<3 {
      let start = DispatchTime.now().uptimeNanoseconds
      try body()
      best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-6)
    }
    return (best * 1_000).rounded() / 1_000
  }
}

internal import CKernels

/// The options of a batch normalisation: mean 0 and variance 1 per channel, then scale and shift.
public struct BatchNormalizationOptions: LayerKind {
  package static let name = "batch-normalization"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The fraction of the running mean and variance that is kept at each step; defaults to 0.99.
  public var momentum: Float?
  /// The constant added to the variance; defaults to 0.001.
  public var epsilon: Float?

  /// Creates the default options.
  public init() {}

  enum CodingKeys: String, CodingKey, CaseIterable {
    case momentum, epsilon
  }

  var reads: ReadableFormats { .interleaved }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    input
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    let shape = [place.channels]
    var inputs = [source]
    for part in ["gamma", "beta", "mean", "variance"] {
      inputs.append(try graph.weightConstant(part, shape: shape, of: place))
    }
    return graph.add("BatchNormalization", inputs, ["epsilon": .float(epsilon ?? 0.001)])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try BatchNormalization(self, contexts: [context])
  }
}

extension LayerSpecification {
  /// Normalises each channel to mean 0 and variance 1, then scales and shifts it.
  public static func batchNormalization(
    _ options: BatchNormalizationOptions
  ) -> LayerSpecification { .init(options) }
}

/// Normalises each channel to mean 0 and variance 1 over all pixels of all rows, then scales and
/// shifts it: out = gamma (in - mean) / sqrt(variance + epsilon) + beta.
///
/// A rectifier, dropout and a max pool that follow are computed in the same pass over memory.
///
/// Inference uses the running mean and variance instead of those of the batch. As in Keras, each
/// moves toward the batch's value by a fraction of 1 - momentum at every step; the variance is that
/// of the batch, without correction. Both sides of a twin network form one batch. In a training on
/// several processes each normalises its own rows, unless the training synchronises them.
///
/// Source: Ioffe and Szegedy, Batch Normalization, 2015, algorithms 1 and 2.
final class BatchNormalization: Layer {
  let outputShape: ActivationShape
  let outputFormat: Format
  let multiplyAdds = 0
  var parameters: [Parameter] { own + (trainedSlope.map { [$0] } ?? []) }
  let parts: [LayerPart]
  let workBytes: Int

  private var own: [Parameter] { [gamma, beta, runningMean, runningVariance] }
  private let gamma: Parameter
  private let beta: Parameter
  private let runningMean: Parameter
  private let runningVariance: Parameter
  private let mean: FloatBuffer
  private let variance: FloatBuffer
  private let scratch: ChannelScratch
  private let momentum: Float
  private let epsilon: Float
  private let group: NormalizationGroup?
  private let shape: CNormShape
  private let tail: NormalizationTail
  /// The position of the dropout of the tail in the network.
  private let dropoutPath: String
  private let trainedSlope: Parameter?
  private let slope: FloatBuffer
  /// The index within its pooling window of the pixel that each output came from.
  private let places: UnsafeMutablePointer<UInt8>?

  /// Builds the layer.
  ///
  /// - Parameters:
  ///   - options: the options.
  ///   - tail: what follows in the same pass.
  ///   - contexts: the contexts of the layer and of those of the tail.
  /// - Throws: ``NeuralError`` for invalid options.
  init(
    _ options: BatchNormalizationOptions, tail: NormalizationTail = NormalizationTail(),
    contexts: [LayerContext]
  ) throws(NeuralError) {
    let context = contexts[0]
    momentum = options.momentum ?? 0.99
    epsilon = options.epsilon ?? 0.001
    guard (0..<1).contains(momentum), epsilon > 0 else {
      throw .badOption(
        what: "batch-normalization \(context.path)",
        reason: "momentum must be in 0..<1 and epsilon more than 0")
    }
    self.tail = tail
    dropoutPath = tail.dropoutIndex.map { contexts[$0].path } ?? ""
    shape = context.normShape(window: tail.isPooled ? 2 : 1)
    let channels = shape.channels
    outputShape = tail.outputShape(over: context.input)
    outputFormat = context.inputFormat
    func parameter(_ part: String, _ value: Float, isTrainable: Bool = true) -> Parameter {
      context.drawn(part, shape: [channels], .constant(value: value), isTrainable: isTrainable)
    }
    gamma = parameter("gamma", 1)
    beta = parameter("beta", 0)
    runningMean = parameter("mean", 0, isTrainable: false)
    runningVariance = parameter("variance", 1, isTrainable: false)
    trainedSlope = try tail.trainedSlope(channels, contexts)
    slope =
      trainedSlope?.values ?? FloatBuffer([Float](repeating: tail.fixedSlope, count: channels))
    mean = FloatBuffer(count: channels)
    variance = FloatBuffer(count: channels)
    scratch = ChannelScratch(channels: channels)
    group = NormalizationGroup(context.resources.share)
    workBytes = tail.isPooled ? context.rows * outputShape.count : 0
    places = tail.isPooled ? .allocate(capacity: workBytes) : nil
    parts = tail.parts(
      over: context.input, own: [gamma, beta, runningMean, runningVariance], trainedSlope)
  }

  deinit {
    places?.deallocate()
  }

  private func weights(mean: FloatBuffer, variance: FloatBuffer) -> CNormWeights {
    CNormWeights(
      epsilon: epsilon, mean: mean.start, variance: variance.start, gamma: gamma.values.start,
      beta: beta.values.start, slope: slope.start)
  }

  /// The sizes, with the dropout of a pass.
  private func shape(_ pass: Pass) -> CNormShape {
    guard let dropout = tail.dropout else { return shape }
    var shape = shape
    (shape.rate, shape.key) = (dropout.rate, pass.dropoutKey(dropoutPath))
    return shape
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    guard pass != .inference else {
      let running = weights(mean: runningMean.values, variance: runningVariance.values)
      return cnorm_forward(
        shape, input.element, running, input.raw, scratch.factors, output.raw, places)
    }
    cnorm_moments(shape, input.element, input.raw, scratch.sums, mean.start, variance.start)
    try group?.combine(scratch.sums, mean: mean, variance: variance)
    cnorm_forward(
      shape(pass), input.element, weights(mean: mean, variance: variance),
      input.raw, scratch.factors, output.raw, places)
    let (runningMean, runningVariance) = (runningMean.values.start, runningVariance.values.start)
    for channel in 0..<mean.count {
      runningMean[channel] += (1 - momentum) * (mean.start[channel] - runningMean[channel])
      runningVariance[channel] +=
        (1 - momentum) * (variance.start[channel] - runningVariance[channel])
    }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    guard pass != .inference else {
      return passGradient(outputGradient, to: inputGradient)
    }
    let gradients = CNormGradients(
      gamma: gamma.gradient.start, beta: beta.gradient.start, slope: trainedSlope?.gradient.start)
    let (shape, weights) = (shape(pass), weights(mean: mean, variance: variance))
    cnorm_backward_weights(
      shape, input.element, weights, input.raw, places, outputGradient.raw, scratch.sums,
      scratch.factors, gradients)
    guard let inputGradient else { return }
    try group?.addUp(scratch.sums, count: 2 * mean.count)
    cnorm_backward_input(
      shape, input.element, weights, input.raw, places, outputGradient.raw, scratch.sums,
      Double(shape.rows * shape.height * shape.width * (group?.count ?? 1)), scratch.factors,
      inputGradient.raw)
  }

  /// The gradient of the input, of 32-bit floats, where the running mean and variance are constants.
  ///
  /// The weights get none. Only for a layer without a tail.
  private func passGradient(_ outputGradient: FloatBuffer, to inputGradient: FloatBuffer?) {
    precondition(tail.isEmpty, "layers are kept apart for the gradient of inference")
    guard let inputGradient else { return }
    let channels = gamma.count
    let factors = (0..<channels).map {
      gamma.values.start[$0] / (runningVariance.values.start[$0] + epsilon).squareRoot()
    }
    for index in 0..<inputGradient.count {
      inputGradient.start[index] = outputGradient.start[index] * factors[index % channels]
    }
  }
}

extension LayerContext {
  /// The input as images, features as one pixel, for normalisation.
  fileprivate func normShape(window: Int32) -> CNormShape {
    var (height, width, channels) = (1, 1, input.count)
    if case .image(let down, let across, let count) = input {
      (height, width, channels) = (down, across, count)
    }
    return CNormShape(
      rows: rows, height: height, width: width, channels: channels, window: window, rate: 0, key: 0,
      numbers: rowNumbers)
  }
}

extension BatchNormalization: LayerFusion {
  static var reads: ReadableFormats { .interleaved }

  static func length(
    _ specifications: ArraySlice<LayerSpecification>, context: LayerContext
  ) -> Int? {
    guard specifications.first?.kind is BatchNormalizationOptions else { return nil }
    let tail = NormalizationTail(specifications.dropFirst(), over: context.input)
    return tail.isEmpty ? nil : 1 + tail.count
  }

  static func make(
    _ specifications: [LayerSpecification], contexts: [LayerContext]
  ) throws(NeuralError) -> any Layer {
    guard let options = specifications[0].kind as? BatchNormalizationOptions else {
      preconditionFailure("length(_:context:) accepts nothing else")
    }
    return try BatchNormalization(
      options,
      tail: NormalizationTail(specifications.dropFirst(), over: contexts[0].input),
      contexts: contexts)
  }
}

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

  var inputPrecision: LayerInputPrecision { .any }

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
    try BatchNormalization(self, context: context)
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
/// Inference uses the running mean and variance instead of those of the batch. As in Keras, each
/// moves toward the batch's value by a fraction of 1 - momentum at every step; the variance is that
/// of the batch, without correction. Both sides of a twin network form one batch.
///
/// Source: Ioffe and Szegedy, Batch Normalization, 2015, algorithms 1 and 2.
final class BatchNormalization: Layer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
  let multiplyAdds = 0
  var parameters: [Parameter] { [gamma, beta, runningMean, runningVariance] }

  private let gamma: Parameter
  private let beta: Parameter
  private let runningMean: Parameter
  private let runningVariance: Parameter
  private let mean: FloatBuffer
  private let variance: FloatBuffer
  private let scratch: ChannelScratch
  private let momentum: Float
  private let epsilon: Float
  private let shape: CChannelShape

  init(
    _ options: BatchNormalizationOptions, context: LayerContext
  ) throws(NeuralError) {
    momentum = options.momentum ?? 0.99
    epsilon = options.epsilon ?? 0.001
    guard (0..<1).contains(momentum), epsilon > 0 else {
      throw .badOption(
        what: "batch-normalization \(context.path)",
        reason: "momentum must be in 0..<1 and epsilon more than 0")
    }
    shape = context.channelShape
    let channels = shape.channels
    outputShape = context.input
    outputPrecision = context.inputPrecision
    func parameter(_ part: String, _ value: Float, isTrainable: Bool = true) -> Parameter {
      context.drawn(part, shape: [channels], .constant(value: value), isTrainable: isTrainable)
    }
    gamma = parameter("gamma", 1)
    beta = parameter("beta", 0)
    runningMean = parameter("mean", 0, isTrainable: false)
    runningVariance = parameter("variance", 1, isTrainable: false)
    mean = FloatBuffer(count: channels)
    variance = FloatBuffer(count: channels)
    scratch = ChannelScratch(channels: channels)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    let isTraining = pass != .inference
    let (center, spread) =
      isTraining ? (mean, variance) : (runningMean.values, runningVariance.values)
    if isTraining {
      ckernels_channel_moments(
        shape, input.element, input.raw, scratch.sums, mean.start, variance.start)
    }
    ckernels_normalize(
      shape, input.element, epsilon, input.raw, center.start, spread.start, gamma.values.start,
      beta.values.start, scratch.factors, output.raw)
    guard isTraining else { return }
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
  ) {
    guard pass != .inference else {
      return passGradient(outputGradient, to: inputGradient)
    }
    ckernels_normalize_backward(
      shape, input.element, epsilon, input.raw, mean.start, variance.start, gamma.values.start,
      outputGradient.raw, scratch.sums, scratch.factors, gamma.gradient.start, beta.gradient.start,
      inputGradient?.raw)
  }

  /// The gradient of the input, of 32-bit floats, where the running mean and variance are constants.
  ///
  /// The weights get none.
  private func passGradient(_ outputGradient: FloatBuffer, to inputGradient: FloatBuffer?) {
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

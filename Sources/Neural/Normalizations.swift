internal import CKernels

/// Each channel brought to mean 0 and variance 1 over all pixels of all rows, then scaled and
/// shifted: out = gamma (in - mean) / sqrt(variance + epsilon) + beta.
///
/// At inference the running mean and variance stand in for the batch's; as in Keras each moves by
/// (1 - momentum) of the way at every step, the variance being that of the batch itself. A twin's
/// two sides are one batch.
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
    _ options: LayerSpecification.BatchNormalizationOptions, context: LayerContext
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
    ckernels_normalize_backward(
      shape, input.element, epsilon, input.raw, mean.start, variance.start, gamma.values.start,
      outputGradient.raw, scratch.sums, scratch.factors, gamma.gradient.start, beta.gradient.start,
      inputGradient?.raw)
  }
}

/// Room for the sums over pixels of each channel.
///
/// A class because it owns the memory.
final class ChannelScratch {
  let sums: UnsafeMutablePointer<Double>
  let factors: UnsafeMutablePointer<Float>

  init(channels: Int) {
    sums = .allocate(capacity: 2 * Int(CKERNELS_CHUNKS) * channels)
    factors = .allocate(capacity: 3 * channels)
  }

  deinit {
    sums.deallocate()
    factors.deallocate()
  }
}

extension LayerContext {
  /// The input as so many pixels, or rows of features, of so many channels.
  var channelShape: CChannelShape {
    let channels =
      switch input {
      case .image(_, _, let channels): channels
      case .features(let count): count
      }
    return CChannelShape(count: rows * input.count / channels, channels: channels)
  }
}

/// Each row brought to length 1: out = in / max(|in|, 1e-12).
final class L2Normalization: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let rows: Int
  private let length: Int

  private static let least: Float = 1e-12

  init(context: LayerContext) throws(NeuralError) {
    guard case .features(let length) = context.input else {
      throw context.misfit(needs: "features, so put flatten before it")
    }
    outputShape = context.input
    rows = context.rows
    self.length = length
  }

  private func norm(_ values: UnsafePointer<Float>) -> Float {
    var sum = 0.0
    for index in 0..<length { sum += Double(values[index]) * Double(values[index]) }
    return max(Float(sum.squareRoot()), Self.least)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    for row in 0..<rows {
      let (values, result) = (input.start + row * length, output.start + row * length)
      let share = 1 / norm(values)
      for index in 0..<length { result[index] = values[index] * share }
    }
  }

  /// The gradient of the input is (g - out (out g)) / |in|.
  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    for row in 0..<rows {
      let start = row * length
      let share = 1 / norm(input.start + start)
      var product: Float = 0
      for index in start..<start + length {
        product += output.start[index] * outputGradient.start[index]
      }
      for index in start..<start + length {
        inputGradient.start[index] =
          (outputGradient.start[index] - output.start[index] * product) * share
      }
    }
  }
}

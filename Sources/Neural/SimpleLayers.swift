internal import CKernels
import Randomness

/// out = in m / (1 - rate), m being 1 with probability 1 - rate and else 0; in itself at inference.
final class Dropout: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let rate: Float
  private let path: String
  private let count: Int

  init(rate: Float, context: LayerContext) throws(NeuralError) {
    guard (0..<1).contains(rate) else {
      throw .badOption(what: "dropout", reason: "rate must be at least 0 and less than 1")
    }
    self.rate = rate
    path = context.path
    outputShape = context.input
    count = context.rows * context.input.count
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    switch pass {
    case .inference: output.start.update(from: input.start, count: count)
    case .training: ckernels_dropout(count, rate, key(pass), input.start, output.start)
    }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    ckernels_dropout(count, rate, key(pass), outputGradient.start, inputGradient.start)
  }

  private func key(_ pass: Pass) -> UInt64 {
    guard case .training(let seed, let step) = pass else {
      preconditionFailure("dropout has a backward pass only in training")
    }
    var stream = RandomStream(seed: seed, "dropout \(path)", step)
    return stream.next()
  }
}

/// An image as one row of features, in the order it lies in memory.
final class Flatten: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let count: Int

  init(context: LayerContext) {
    outputShape = .features(context.input.count)
    count = context.rows * context.input.count
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    output.start.update(from: input.start, count: count)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    inputGradient?.start.update(from: outputGradient.start, count: count)
  }
}

/// A function of each value.
final class ActivationLayer: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let activation: Activation
  private let count: Int

  init(_ activation: Activation, context: LayerContext) {
    self.activation = activation
    outputShape = context.input
    count = context.rows * context.input.count
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    output.start.update(from: input.start, count: count)
    activation.apply(output.start, count: count)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    activation.back(output: output.start, gradient: outputGradient.start, count: count)
    inputGradient.start.update(from: outputGradient.start, count: count)
  }
}

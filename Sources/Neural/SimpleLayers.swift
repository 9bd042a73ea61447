internal import CKernels
import Randomness

/// out = in m / (1 - rate), m being 1 with probability 1 - rate and else 0; in itself at inference.
final class Dropout: Layer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
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
    outputPrecision = context.inputPrecision
    count = context.rows * context.input.count
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    switch pass {
    case .inference: output.copy(input)
    case .training:
      ckernels_dropout(count, input.element, rate, key(pass), input.raw, output.raw)
    }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    ckernels_dropout(
      count, outputGradient.element, rate, key(pass), outputGradient.raw, inputGradient.raw)
  }

  private func key(_ pass: Pass) -> UInt64 {
    guard case .training(let seed, let step) = pass else {
      preconditionFailure("dropout has a backward pass only in training")
    }
    var stream = RandomStream(seed: seed, "dropout \(path)", step)
    return stream.next()
  }
}

/// A layer whose values are those of its input, as another shape or other numbers.
protocol CopyingLayer: Layer {}

extension CopyingLayer {
  var parameters: [Parameter] { [] }
  var multiplyAdds: Int { 0 }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    output.copy(input)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    inputGradient?.copy(outputGradient)
  }
}

/// An image as one row of features, in the order it lies in memory, and as 32-bit floats.
final class Flatten: CopyingLayer {
  let outputShape: ActivationShape

  init(context: LayerContext) {
    outputShape = .features(context.input.count)
  }
}

/// The same image made of other numbers; no layer of a file, but put between two that differ.
final class Cast: CopyingLayer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
  let parts: [LayerPart] = []

  init(_ shape: ActivationShape, to precision: Precision) {
    outputShape = shape
    outputPrecision = precision
  }
}

/// A function of each value.
final class ActivationLayer: Layer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let activation: Activation

  init(_ activation: Activation, context: LayerContext) {
    self.activation = activation
    outputShape = context.input
    outputPrecision = context.inputPrecision
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    output.copy(input)
    activation.apply(output)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    inputGradient.copy(outputGradient)
    activation.back(output: output, gradient: inputGradient)
  }
}

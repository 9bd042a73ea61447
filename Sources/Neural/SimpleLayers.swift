internal import CKernels
import Randomness

/// out[y, x, c] = the largest of in[y w + i, x w + j, c] for i, j in 0..<w.
///
/// What does not fill a window is left out. The gradient goes to the first of equal values.
final class MaxPool: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let shape: CPoolShape

  init(window: Int, context: LayerContext) throws(NeuralError) {
    let (height, width, channels) = try context.image()
    guard window >= 1 else {
      throw .badOption(what: "max-pool", reason: "window must be 1 or more")
    }
    guard height >= window, width >= window else {
      throw context.misfit(needs: "at least \(window)x\(window)")
    }
    shape = CPoolShape(
      rows: context.rows, height: height, width: width, channels: channels, window: window)
    outputShape = .image(height: height / window, width: width / window, channels: channels)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    ckernels_max_pool(shape, input.start, output.start)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    ckernels_max_pool_backward(
      shape, input.start, output.start, outputGradient.start, inputGradient.start)
  }
}

/// out = in m / (1 - rate), m being 1 with probability 1 - rate and else 0; in itself at inference.
final class Dropout: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let rate: Float
  private let index: Int
  private let count: Int

  init(rate: Float, context: LayerContext) throws(NeuralError) {
    guard (0..<1).contains(rate) else {
      throw .badOption(what: "dropout", reason: "rate must be at least 0 and less than 1")
    }
    self.rate = rate
    index = context.index
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
    var stream = RandomStream(seed: seed, "dropout", index, step)
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

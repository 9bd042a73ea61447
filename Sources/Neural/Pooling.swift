internal import CKernels

extension LayerContext {
  /// The lengths of pooling by windows that do not overlap, and what one row of its output is.
  fileprivate func pool(window: Int) throws(NeuralError) -> (CPoolShape, ActivationShape) {
    let (height, width, channels) = try image()
    guard window >= 1 else {
      throw .badOption(what: "\(name) \(path)", reason: "window must be 1 or more")
    }
    guard height >= window, width >= window else {
      throw misfit(needs: "at least \(window)x\(window)")
    }
    return (
      CPoolShape(
        rows: rows, height: height, width: width, channels: channels, window: window,
        over_relu: 0),
      .image(height: height / window, width: width / window, channels: channels)
    )
  }
}

/// out[y, x, c] = the largest of in[y w + i, x w + j, c] for i, j in 0..<w.
///
/// What does not fill a window is left out. The gradient goes to the first of equal values.
final class MaxPool: Layer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private var shape: CPoolShape

  /// Whether the gradient is to have the slope of the ReLU below as well, which then has nothing
  /// left to do: the values are read here anyway.
  var isOverReLU: Bool {
    get { shape.over_relu != 0 }
    set { shape.over_relu = newValue ? 1 : 0 }
  }

  init(window: Int, context: LayerContext) throws(NeuralError) {
    (shape, outputShape) = try context.pool(window: window)
    outputPrecision = context.inputPrecision
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    ckernels_max_pool(shape, input.element, input.raw, output.raw)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    ckernels_max_pool_backward(
      shape, input.element, input.raw, output.raw, outputGradient.raw, inputGradient.raw)
  }
}

/// out[y, x, c] = the mean of in[y w + i, x w + j, c] for i, j in 0..<w; what does not fill a window
/// is left out.
final class AveragePool: Layer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let shape: CPoolShape

  init(window: Int, context: LayerContext) throws(NeuralError) {
    (shape, outputShape) = try context.pool(window: window)
    outputPrecision = context.inputPrecision
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    ckernels_average_pool(shape, input.element, input.raw, output.raw)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    ckernels_average_pool_backward(
      shape, outputGradient.element, outputGradient.raw, inputGradient.raw)
  }
}

/// The largest over windows of channels and rows, columns apart: what a pooling layer for channels
/// last does to an image with its channels first.
///
/// `[height, width, channel]` to `[height / w, width, channel / w]`. The gradient goes to the first
/// of equal values.
final class ChannelRowPool: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let rows: Int
  private let window: Int
  private let input: (height: Int, width: Int, channels: Int)

  init(window: Int, context: LayerContext) throws(NeuralError) {
    input = try context.image()
    guard window >= 1 else {
      throw .badOption(
        what: "channel-row-pool \(context.path)", reason: "window must be 1 or more")
    }
    guard input.height >= window, input.channels >= window else {
      throw context.misfit(needs: "at least \(window) rows and \(window) channels")
    }
    self.window = window
    rows = context.rows
    outputShape = .image(
      height: input.height / window, width: input.width, channels: input.channels / window)
  }

  /// Calls `body` with the place of every output and of the input that is its largest.
  private func forEachWindow(_ values: UnsafePointer<Float>, _ body: (Int, Int) -> Void) {
    let (height, channels) = (input.height / window, input.channels / window)
    var out = 0
    for row in 0..<rows {
      for y in 0..<height {
        for x in 0..<input.width {
          for channel in 0..<channels {
            var best = -1
            for c in channel * window..<(channel + 1) * window {
              for i in y * window..<(y + 1) * window {
                let place = ((row * input.height + i) * input.width + x) * input.channels + c
                if best < 0 || values[place] > values[best] { best = place }
              }
            }
            body(out, best)
            out += 1
          }
        }
      }
    }
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    forEachWindow(input.start) { output.start[$0] = input.start[$1] }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    inputGradient.start.update(repeating: 0, count: input.count)
    forEachWindow(input.start) { inputGradient.start[$1] += outputGradient.start[$0] }
  }
}

/// A frame of mirrored pixels, the edge itself not repeated.
final class ReflectionPad: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let rows: Int
  private let size: Int
  private let input: (height: Int, width: Int, channels: Int)

  init(size: Int, context: LayerContext) throws(NeuralError) {
    input = try context.image()
    guard size >= 1 else {
      throw .badOption(what: "reflection-pad \(context.path)", reason: "size must be 1 or more")
    }
    guard min(input.height, input.width) > size else {
      throw context.misfit(needs: "at least \(size + 1)x\(size + 1)")
    }
    self.size = size
    rows = context.rows
    outputShape = .image(
      height: input.height + 2 * size, width: input.width + 2 * size, channels: input.channels)
  }

  /// Calls `body` with the place of every pixel of the output and that of the input it shows.
  private func forEachPixel(_ body: (Int, Int) -> Void) {
    func mirrored(_ place: Int, _ length: Int) -> Int {
      let place = abs(place - size)
      return place < length ? place : 2 * (length - 1) - place
    }
    var out = 0
    for row in 0..<rows {
      for y in 0..<input.height + 2 * size {
        let line = (row * input.height + mirrored(y, input.height)) * input.width
        for x in 0..<input.width + 2 * size {
          body(out, (line + mirrored(x, input.width)) * input.channels)
          out += input.channels
        }
      }
    }
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    let channels = self.input.channels
    forEachPixel { (output.start + $0).update(from: input.start + $1, count: channels) }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    let channels = self.input.channels
    inputGradient.start.update(repeating: 0, count: input.count)
    forEachPixel { out, place in
      for channel in 0..<channels {
        inputGradient.start[place + channel] += outputGradient.start[out + channel]
      }
    }
  }
}

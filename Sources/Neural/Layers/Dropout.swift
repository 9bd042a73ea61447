internal import CKernels
import Randomness

/// The options of dropout.
struct DropoutOptions: LayerKind {
  package static let name = "dropout"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The fraction of the values that is dropped, in 0..<1.
  let rate: Float

  enum CodingKeys: String, CodingKey, CaseIterable {
    case rate
  }

  var inputPrecision: LayerInputPrecision { .any }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    input
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    source
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try Dropout(rate: rate, context: context)
  }
}

extension LayerSpecification {
  /// Drops values at random during training.
  public static func dropout(rate: Float) -> LayerSpecification {
    .init(DropoutOptions(rate: rate))
  }
}

/// out = in m / (1 - rate), with m = 1 with probability 1 - rate and 0 otherwise; out = in at
/// inference.
///
/// Which values are dropped depends on row, channel and pixel, not on the order in memory.
final class Dropout: Layer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let rate: Float
  private let path: String
  private var shape: CDropoutShape

  /// Whether the values of an image are planes instead of interleaved channels.
  var isOverPlanes: Bool {
    get { shape.planes != 0 }
    set { shape.planes = newValue ? 1 : 0 }
  }

  init(rate: Float, context: LayerContext) throws(NeuralError) {
    guard (0..<1).contains(rate) else {
      throw .badOption(what: "dropout", reason: "rate must be at least 0 and less than 1")
    }
    self.rate = rate
    path = context.path
    outputShape = context.input
    outputPrecision = context.inputPrecision
    let channels = context.channelShape.channels
    shape = CDropoutShape(
      rows: context.rows, pixels: context.input.count / channels, channels: channels, planes: 0)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    switch pass {
    case .inference: output.copy(input)
    case .training:
      ckernels_dropout(shape, input.element, rate, key(pass), input.raw, output.raw)
    }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    guard pass != .inference else { return inputGradient.copy(outputGradient) }
    ckernels_dropout(
      shape, outputGradient.element, rate, key(pass), outputGradient.raw, inputGradient.raw)
  }

  private func key(_ pass: Pass) -> UInt64 {
    guard case .training(let seed, let step) = pass else {
      preconditionFailure("dropout has a backward pass only in training")
    }
    var stream = RandomStream(seed: seed, "dropout \(path)", step)
    return stream.next()
  }
}

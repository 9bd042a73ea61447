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

  var reads: ReadableFormats { .any }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    input
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    source
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try check(at: context.path)
    return Dropout(rate: rate, context: context)
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
/// Which values are dropped depends on the number of the row in the step, on channel and pixel, not on
/// the order in memory or on the process that computes the row.
final class Dropout: Layer {
  let outputShape: ActivationShape
  let outputFormat: Format
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let rate: Float
  private let path: String
  private var shape: CDropoutShape
  /// The number of each value of a row, for loops over few channels; otherwise `nil`.
  private let table: UnsafeMutablePointer<UInt32>?

  init(rate: Float, context: LayerContext) {
    self.rate = rate
    path = context.path
    outputShape = context.input
    outputFormat = context.inputFormat
    let channels = context.channelShape.channels
    shape = CDropoutShape(
      rows: context.rows, pixels: context.input.count / channels, channels: channels,
      planes: context.inputFormat.layout == .planes ? 1 : 0, numbers: context.rowNumbers)
    table = cdropout_needs_numbers(shape) != 0 ? .allocate(capacity: context.input.count) : nil
    if let table { cdropout_number(shape, table) }
  }

  deinit {
    table?.deallocate()
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    switch pass {
    case .inference: output.copy(input)
    case .training:
      cdropout_apply(
        shape, table, input.element, rate, pass.dropoutKey(path), input.raw, output.raw)
    }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    guard pass != .inference else { return inputGradient.copy(outputGradient) }
    cdropout_apply(
      shape, table, outputGradient.element, rate, pass.dropoutKey(path), outputGradient.raw,
      inputGradient.raw)
  }
}

extension Pass {
  /// The key of a dropout at a position in a network.
  func dropoutKey(_ path: String) -> UInt64 {
    guard case .training(let seed, let step) = self else {
      preconditionFailure("dropout is for training only")
    }
    var stream = RandomStream(seed: seed, "dropout \(path)", step)
    return stream.next()
  }
}

extension DropoutOptions {
  /// Throws ``NeuralError`` with the layer's place in the network if the rate is invalid.
  func check(at path: String) throws(NeuralError) {
    guard (0..<1).contains(rate) else {
      throw .badOption(
        what: "dropout \(path)", reason: "rate must be at least 0 and less than 1")
    }
  }
}

internal import CKernels

/// The options of a rectifier with a trained slope below 0 for each channel.
struct PReLUOptions: LayerKind {
  package static let name = "prelu"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The initial slope below 0.
  let initial: Float

  init(initial: Float) { self.initial = initial }

  /// Decodes the options; the initial slope defaults to 0.25.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    initial = try container.decodeIfPresent(Float.self, forKey: .initial) ?? 0.25
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case initial
  }

  var reads: ReadableFormats { .interleaved }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    input
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    let slope = try graph.weightConstant("alpha", shape: place.channelShape, of: place)
    return graph.add("PRelu", [source, slope])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try ParametricRectifier(initial: initial, context: context)
  }
}

extension LayerSpecification {
  /// A rectifier with a trained slope below 0 for each channel.
  public static func prelu(initial: Float) -> LayerSpecification {
    .init(PReLUOptions(initial: initial))
  }
}

/// out = x if x > 0, else a x, with one trained slope a for each channel.
///
/// Source: He and others, Delving deep into rectifiers, 2015, section 2.1; the initial slope is
/// 0.25.
final class ParametricRectifier: Layer {
  let outputShape: ActivationShape
  let outputFormat: Format
  let multiplyAdds = 0
  var parameters: [Parameter] { [alpha] }

  private let alpha: Parameter
  private let scratch: ChannelScratch
  private let shape: CChannelShape

  init(initial: Float, context: LayerContext) throws(NeuralError) {
    shape = context.channelShape
    outputShape = context.input
    outputFormat = context.inputFormat
    alpha = try context.parameter("alpha", shape: [shape.channels], .constant(value: initial))
    scratch = ChannelScratch(channels: shape.channels)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    ckernels_prelu(shape, input.element, input.raw, alpha.values.start, output.raw)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    ckernels_prelu_backward(
      shape, input.element, input.raw, alpha.values.start, outputGradient.raw, scratch.sums,
      alpha.gradient.start, inputGradient?.raw)
  }
}

/// The options of a layer that applies a function to each value.
struct ActivationOptions: LayerKind {
  package static let name = "activation"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The function.
  let kind: Activation

  enum CodingKeys: String, CodingKey, CaseIterable {
    case kind
  }

  var reads: ReadableFormats { .any }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    input
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    kind.export(source, to: &graph)
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    ActivationLayer(kind, context: context)
  }
}

extension LayerSpecification {
  /// A layer that applies a function to each value.
  public static func activation(_ kind: Activation) -> LayerSpecification {
    .init(ActivationOptions(kind: kind))
  }
}

/// Applies a function to each value.
final class ActivationLayer: Layer {
  let outputShape: ActivationShape
  let outputFormat: Format
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let activation: Activation

  init(_ activation: Activation, context: LayerContext) {
    self.activation = activation
    outputShape = context.input
    outputFormat = context.inputFormat
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

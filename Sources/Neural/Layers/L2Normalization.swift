internal import CKernels

/// The options of a layer that scales each row to length 1.
struct L2NormalizationOptions: LayerKind {
  package static let name = "l2-normalization"
  package static let optionNames: [String]? = []

  var reads: ReadableFormats { .float32 }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    if case .features = input { input } else { nil }
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    let norm = graph.add("ReduceL2", [source], ["axes": .ints([1]), "keepdims": .int(1)])
    let least = graph.constant(.floats([1e-12]), shape: [])
    return graph.add("Div", [source, graph.add("Max", [norm, least])])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try L2Normalization(context: context)
  }
}

extension LayerSpecification {
  /// Scales each row to length 1.
  public static var l2Normalization: LayerSpecification { .init(L2NormalizationOptions()) }
}

/// Scales each row to length 1: out = in / |in|; a row shorter than 1e-12 becomes 0.
final class L2Normalization: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  var workBytes: Int { norms.bytes }
  private let rows: Int
  private let length: Int
  private let norms: FloatBuffer

  init(context: LayerContext) throws(NeuralError) {
    guard case .features(let length) = context.input else {
      throw context.misfit(needs: "features, so put flatten before it")
    }
    outputShape = context.input
    rows = context.rows
    self.length = length
    norms = FloatBuffer(count: rows)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    ckernels_unit_rows(rows, length, input.start, output.start, norms.start)
  }

  /// The gradient of the input is (g - out (out g)) / |in|.
  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    inputGradient.copy(outputGradient)
    ckernels_unit_rows_backward(rows, length, output.start, norms.start, inputGradient.start)
  }
}

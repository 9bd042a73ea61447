/// The options of a layer that scales each row to length 1.
struct L2NormalizationOptions: LayerKind {
  package static let name = "l2-normalization"
  package static let optionNames: [String]? = []

  var inputPrecision: LayerInputPrecision { .float32 }

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

/// Scales each row to length 1: out = in / max(|in|, 1e-12).
final class L2Normalization: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let rows: Int
  private let length: Int

  private static let epsilon: Float = 1e-12

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
    return max(Float(sum.squareRoot()), Self.epsilon)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    for row in 0..<rows {
      let (values, result) = (input.start + row * length, output.start + row * length)
      let scale = 1 / norm(values)
      for index in 0..<length { result[index] = values[index] * scale }
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
      let scale = 1 / norm(input.start + start)
      var product: Float = 0
      for index in start..<start + length {
        product += output.start[index] * outputGradient.start[index]
      }
      for index in start..<start + length {
        inputGradient.start[index] =
          (outputGradient.start[index] - output.start[index] * product) * scale
      }
    }
  }
}

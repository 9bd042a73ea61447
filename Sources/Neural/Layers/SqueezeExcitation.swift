internal import CKernels

/// The options of a layer that scales each channel by a number computed from the means of all.
public struct SqueezeExcitationOptions: LayerKind {
  package static let name = "squeeze-excitation"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The divisor of the number of channels between the two dense layers.
  let reduction: Int

  init(reduction: Int) {
    self.reduction = reduction
  }

  /// Decodes the options; the divisor of the source is 16.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    reduction = try container.decodeIfPresent(Int.self, forKey: .reduction) ?? 16
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case reduction
  }

  var reads: ReadableFormats { .float32 }

  /// The layers that compute the scale of each channel, in 0...1.
  func gate(_ channels: Int) -> [LayerSpecification] {
    [
      .globalAveragePool,
      .dense(DenseOptions(units: max(1, channels / reduction), activation: .relu)),
      .dense(DenseOptions(units: channels, activation: .sigmoid)),
    ]
  }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    guard case .image = input, reduction >= 1 else { return nil }
    return input
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    guard case .image(_, _, let channels) = place.input else {
      throw .badOption(what: "\(place.name) \(place.path)", reason: "its input is no image")
    }
    let scales = try graph.add(
      gate(channels), path: "\(place.path).0", over: place.input, source)
    let shape = graph.constant(.integers([-1, channels, 1, 1]), shape: [4])
    return graph.add("Mul", [source, graph.add("Reshape", [scales, shape])])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try SqueezeExcitation(self, context: context)
  }
}

extension LayerSpecification {
  /// Scales each channel by a number computed from the means of all channels.
  public static func squeezeExcitation(reduction: Int = 16) -> LayerSpecification {
    .init(SqueezeExcitationOptions(reduction: reduction))
  }
}

/// out[y, x, c] = in[y, x, c] s[c], with s = sigmoid(relu(m W + b) V + d) of the means m of the channels.
///
/// Source: Hu, Shen and Sun, Squeeze-and-Excitation Networks, 2018, section 3.
final class SqueezeExcitation: Layer {
  let outputShape: ActivationShape
  var parameters: [Parameter] { gate.parameters }
  var multiplyAdds: Int { gate.multiplyAdds }
  var workBytes: Int { gate.trainingBytes + gateGradient.bytes + throughGate.bytes }
  var computingPrecision: Precision { gate.computingPrecision }
  var sharedBytes: Int { gate.sharedBytes }

  private let gate: LayerChain
  private let shape: CImageShape
  private let gateGradient: FloatBuffer
  /// The gradient of the input that comes through the gate.
  private let throughGate: FloatBuffer

  init(_ options: SqueezeExcitationOptions, context: LayerContext) throws(NeuralError) {
    shape = try context.imageShape()
    guard options.reduction >= 1 else {
      throw .badOption(
        what: "squeeze-excitation \(context.path)", reason: "reduction must be 1 or more")
    }
    gate = try LayerChain(
      options.gate(shape.channels), input: context.input,
      context: context.over(context.input, index: 0, name: context.name), outputPrecision: .float32)
    outputShape = context.input
    gateGradient = FloatBuffer(count: context.isTrainable ? context.rows * shape.channels : 0)
    throughGate = FloatBuffer(count: context.isTrainable ? context.rows * context.input.count : 0)
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    let scales = try gate.forward(input, pass)
    cgeometry_scale(shape, input.start, scales.start, output.start)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    cgeometry_scale_backward(
      shape, input.start, gate.output(of: input).start, outputGradient.start, gateGradient.start,
      inputGradient?.start)
    try gate.backward(
      input: input, outputGradient: gateGradient,
      inputGradient: inputGradient == nil ? nil : throughGate, pass)
    inputGradient?.add(throughGate)
  }
}

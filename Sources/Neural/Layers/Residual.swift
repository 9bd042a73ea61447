/// The options of a layer that adds the output of some layers to their input.
public struct ResidualOptions: LayerKind {
  package static let name = "residual"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The layers whose output is added.
  public var body: [LayerSpecification]
  /// The layers of the shortcut; defaults to none.
  public var shortcut: [LayerSpecification]?
  /// The activation function of the sum; defaults to linear.
  public var activation: Activation?

  /// Creates the options of a block.
  public init(body: [LayerSpecification], activation: Activation? = nil) {
    self.body = body
    self.activation = activation
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case body, shortcut, activation
  }

  var reads: ReadableFormats { .network }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    let output = LayerSpecification.outputShape(of: body, for: input)
    return output == LayerSpecification.outputShape(of: shortcut ?? [], for: input) ? output : nil
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    let main = try graph.add(body, path: "\(place.path).0", over: place.input, source)
    let side = try graph.add(shortcut ?? [], path: "\(place.path).1", over: place.input, source)
    return (activation ?? .linear).export(graph.add("Add", [main, side]), to: &graph)
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try Residual(self, context: context)
  }
}

extension LayerSpecification {
  /// Adds the output of some layers to their input.
  public static func residual(_ options: ResidualOptions) -> LayerSpecification { .init(options) }
}

/// out = activation(shortcut(in) + body(in)).
///
/// The shortcut is the identity if it has no layers.
///
/// Source: He and others, Deep Residual Learning for Image Recognition, 2016, equations 1 and 2.
final class Residual: Layer {
  let outputShape: ActivationShape
  let outputFormat: Format
  var parameters: [Parameter] { body.parameters + shortcut.parameters }
  var multiplyAdds: Int { body.multiplyAdds + shortcut.multiplyAdds }
  var workBytes: Int {
    let own = body.inputShape.count + (shortcut.layers.isEmpty ? 0 : outputShape.count)
    return body.trainingBytes + shortcut.trainingBytes + rows * own * outputPrecision.bytes
  }
  var computingPrecision: Precision { [body, shortcut].computingPrecision }
  var sharedBytes: Int { max(body.sharedBytes, shortcut.sharedBytes) }

  private let body: LayerChain
  private let shortcut: LayerChain
  private let activation: Activation
  private let rows: Int
  /// The gradient of the input through the body.
  private let bodyGradient: FloatBuffer
  /// A copy of the gradient of the sum for the shortcut, because the body may overwrite its own.
  private let shortcutGradient: FloatBuffer

  init(
    _ options: ResidualOptions, context: LayerContext
  ) throws(NeuralError) {
    func chain(_ layers: [LayerSpecification], _ index: Int) throws(NeuralError) -> LayerChain {
      try LayerChain(
        layers, input: context.input,
        context: context.over(
          context.input, index: index, name: context.name,
          formats: (context.inputFormat, context.inputFormat)),
        outputPrecision: context.inputPrecision)
    }
    guard !options.body.isEmpty else {
      throw .badOption(what: "residual \(context.path)", reason: "its body must have a layer")
    }
    body = try chain(options.body, 0)
    shortcut = try chain(options.shortcut ?? [], 1)
    guard body.outputShape == shortcut.outputShape else {
      throw .badOption(
        what: "residual \(context.path)",
        reason: "its body gives \(body.outputShape) and its shortcut \(shortcut.outputShape): "
          + "both must be the same")
    }
    activation = options.activation ?? .linear
    rows = context.rows
    outputShape = body.outputShape
    outputFormat = context.inputFormat
    func buffer(_ shape: ActivationShape, isNeeded: Bool) -> FloatBuffer {
      FloatBuffer(
        count: isNeeded ? context.rows * shape.count : 0, precision: context.inputPrecision)
    }
    bodyGradient = buffer(context.input, isNeeded: context.isTrainable)
    shortcutGradient = buffer(
      outputShape, isNeeded: context.isTrainable && !shortcut.layers.isEmpty)
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    let main = try body.forward(input, pass)
    activation.apply(toSumOf: main, try shortcut.forward(input, pass), into: output)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    activation.back(output: output, gradient: outputGradient)
    if !shortcut.layers.isEmpty { shortcutGradient.copy(outputGradient) }
    try shortcut.backward(
      input: input,
      outputGradient: shortcut.layers.isEmpty ? outputGradient : shortcutGradient,
      inputGradient: inputGradient, pass)
    try body.backward(
      input: input, outputGradient: outputGradient,
      inputGradient: inputGradient == nil ? nil : bodyGradient, pass)
    inputGradient?.add(bodyGradient)
  }
}

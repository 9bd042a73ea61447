internal import CKernels

/// The options of a fully connected layer.
public struct DenseOptions: LayerKind {
  package static let name = "dense"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// Number of outputs.
  public var units: Int
  /// The activation function; defaults to linear.
  public var activation: Activation?
  /// The initial weights; defaults to Glorot uniform.
  public var kernelInitializer: Initializer?
  /// The initial biases; defaults to 0.
  public var biasInitializer: Initializer?
  /// L2 weight decay on the weights; defaults to 0.
  public var l2: Float?

  /// Creates the options of a dense layer.
  public init(units: Int, activation: Activation? = nil) {
    self.units = units
    self.activation = activation
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case units, activation, l2
    case kernelInitializer = "kernel-initializer"
    case biasInitializer = "bias-initializer"
  }

  var reads: ReadableFormats { .float32 }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    if case .features = input { .features(units) } else { nil }
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    let inputs = place.input.count
    let kernel = try graph.weightConstant("kernel", shape: [inputs, units], of: place)
    let bias = try graph.weightConstant("bias", shape: [units], of: place)
    return (activation ?? .linear).export(graph.add("Gemm", [source, kernel, bias]), to: &graph)
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try Dense(self, context: context)
  }
}

extension LayerSpecification {
  /// A fully connected layer.
  public static func dense(_ options: DenseOptions) -> LayerSpecification { .init(options) }
}

/// out = activation(in W + b), `[rows, in]` to `[rows, out]`, W `[in, out]`.
final class Dense: Layer {
  let outputShape: ActivationShape
  var multiplyAdds: Int { inputs * outputs }
  var parameters: [Parameter] { [kernel, bias] }

  private let kernel: Parameter
  private let bias: Parameter
  private let activation: Activation
  private let rows: Int
  private let inputs: Int
  private let outputs: Int
  private let name: String

  init(
    _ options: DenseOptions, context: LayerContext
  ) throws(NeuralError) {
    guard case .features(let inputs) = context.input else {
      throw context.misfit(needs: "features, so put flatten before it")
    }
    let units = options.units
    guard (1...16_777_216).contains(units) else {
      throw .badOption(what: "dense \(context.path)", reason: "units must be in 1...16777216")
    }
    self.inputs = inputs
    activation = options.activation ?? .linear
    outputs = units
    rows = context.rows
    name = context.name
    outputShape = .features(units)
    kernel = try context.parameter(
      "kernel", shape: [inputs, units], options.kernelInitializer ?? .glorotUniform, fanIn: inputs,
      fanOut: units, l2: options.l2 ?? 0)
    bias = try context.parameter(
      "bias", shape: [units], options.biasInitializer ?? .constant(value: 0), fanIn: inputs,
      fanOut: units)
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    try FloatBuffer.multiply(
      input, kernel.values, into: output, transposeA: false, transposeB: false,
      sizes: (rows, outputs, inputs), layer: name)
    ckernels_add_bias(
      rows, outputs, activation == .relu ? 1 : 0, bias.values.start, output.start)
    if !activation.isFused { activation.apply(output) }
  }

  /// dW = in^T g, db = the sum of g over rows, din = g W^T, with g the gradient before the
  /// activation.
  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    activation.back(output: output, gradient: outputGradient)
    ckernels_sum_rows(rows, outputs, outputGradient.start, bias.gradient.start)
    try FloatBuffer.multiply(
      input, outputGradient, into: kernel.gradient, transposeA: true, transposeB: false,
      sizes: (inputs, outputs, rows), layer: name)
    guard let inputGradient else { return }
    try FloatBuffer.multiply(
      outputGradient, kernel.values, into: inputGradient, transposeA: false, transposeB: true,
      sizes: (rows, inputs, outputs), layer: name)
  }
}

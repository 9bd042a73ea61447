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
///
/// In a network of 16-bit floats the factors of the products are rounded to them; sums, the output, the
/// weights and their gradients are 32-bit floats.
final class Dense: Layer {
  let outputShape: ActivationShape
  let computingPrecision: Precision
  var multiplyAdds: Int { sizes.inputs * sizes.outputs }
  var parameters: [Parameter] { [kernel, bias] }
  var workBytes: Int { products.bytes }

  private let kernel: Parameter
  private let bias: Parameter
  private let activation: Activation
  private let sizes: DenseSizes
  private let products: any DenseProducts
  /// The version of the kernel of the last forward pass; `nil` if there was none.
  private var version: Int?

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
    activation = options.activation ?? .linear
    sizes = DenseSizes(
      rows: context.rows, inputs: inputs, outputs: units,
      passes: context.convolutionPasses, name: context.name)
    outputShape = .features(units)
    kernel = try context.parameter(
      "kernel", shape: [inputs, units], options.kernelInitializer ?? .glorotUniform, fanIn: inputs,
      fanOut: units, l2: options.l2 ?? 0)
    bias = try context.parameter(
      "bias", shape: [units], options.biasInitializer ?? .constant(value: 0), fanIn: inputs,
      fanOut: units)
    computingPrecision = context.precision
    products =
      context.precision == .bfloat16
      ? try NarrowDenseProducts(sizes) : try WideDenseProducts(sizes)
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    // Training changes the weights at every step.
    let isKernelNew = pass != .inference || version != kernel.version
    try products.output(input, kernel.values, isKernelNew: isKernelNew, into: output)
    version = kernel.version
    ckernels_add_bias(
      sizes.rows, sizes.outputs, activation == .relu ? 1 : 0, bias.values.start, output.start)
    if !activation.isFused { activation.apply(output) }
  }

  /// dW = in^T g, db = the sum of g over rows, din = g W^T, with g the gradient before the
  /// activation.
  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    activation.back(output: output, gradient: outputGradient)
    ckernels_sum_rows(sizes.rows, sizes.outputs, outputGradient.start, bias.gradient.start)
    try products.kernelGradient(input, outputGradient, into: kernel.gradient)
    if let inputGradient {
      try products.inputGradient(outputGradient, kernel.values, into: inputGradient)
    }
  }
}

/// A two-dimensional convolution.
public struct ConvolutionOptions: LayerKind {
  package static let name = "convolution"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// Number of filters.
  public var filters: Int
  /// The side of the square kernel.
  public var kernel: Int
  /// The stride of the kernel; defaults to 1.
  public var stride: Int?
  /// Number of zeros added on each side of the input; defaults to 0.
  public var padding: Int?
  /// The activation function; defaults to linear.
  public var activation: Activation?
  /// The initial weights; defaults to Glorot uniform.
  public var kernelInitializer: Initializer?
  /// The initial biases; defaults to 0.
  public var biasInitializer: Initializer?
  /// L2 weight decay on the kernel; defaults to 0.
  public var l2: Float?
  /// Whether a bias is added; defaults to true.
  public var useBias: Bool?
  /// What the layer computes in, 32-bit floats or the precision of the network; defaults to that of the
  /// network.
  public var precision: Precision?

  /// Creates the options of a convolution.
  public init(filters: Int, kernel: Int, activation: Activation? = nil) {
    self.filters = filters
    self.kernel = kernel
    self.activation = activation
  }

  var hasBias: Bool { useBias ?? true }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case filters, kernel, stride, padding, activation, l2, precision
    case kernelInitializer = "kernel-initializer"
    case biasInitializer = "bias-initializer"
    case useBias = "use-bias"
  }

  var reads: ReadableFormats { precision == .float32 ? .float32 : .network }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    guard case .image(let height, let width, _) = input else { return nil }
    let (stride, padding) = (stride ?? 1, padding ?? 0)
    let (down, across) = (height + 2 * padding, width + 2 * padding)
    guard min(down, across) >= kernel, stride >= 1 else { return nil }
    return .image(
      height: (down - kernel) / stride + 1, width: (across - kernel) / stride + 1,
      channels: filters)
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    let (height, filters) = (kernel, filters)
    let channels = place.channels
    let values = try graph.weights("kernel", of: place)
    guard values.count == height * height * channels * filters else {
      throw .badOption(what: "\(place.name) \(place.path)", reason: "its kernel has another size")
    }
    // [row, column, channel, filter] becomes [filter, channel, row, column].
    let turned = (0..<filters).flatMap { filter in
      (0..<channels).flatMap { channel in
        (0..<height * height).map { values[($0 * channels + channel) * filters + filter] }
      }
    }
    var inputs = [
      source, graph.constant(.floats(turned), shape: [filters, channels, height, height]),
    ]
    if hasBias { inputs.append(try graph.weightConstant("bias", shape: [filters], of: place)) }
    let (stride, padding) = (stride ?? 1, padding ?? 0)
    let output = graph.add(
      "Conv", inputs,
      [
        "kernel_shape": .ints([height, height]), "strides": .ints([stride, stride]),
        "pads": .ints([padding, padding, padding, padding]),
      ])
    return (activation ?? .linear).export(output, to: &graph)
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    let shape = try shape(in: context)
    let (kernel, bias) = try makeParameters(shape, context: context)
    return try Convolution(
      shape, weights: ConvolutionWeights(kernel: kernel, bias: bias),
      activation: activation ?? .linear, context: context)
  }

  /// The sizes of the convolution over the input of `context`.
  ///
  /// - Throws: ``NeuralError`` if an option is invalid or the input is too small.
  func shape(in context: LayerContext) throws(NeuralError) -> ConvolutionShape {
    let (height, width, channels) = try context.image()
    let (stride, padding) = (stride ?? 1, padding ?? 0)
    let lengths = 1...65_536
    guard lengths.contains(filters), lengths.contains(kernel), lengths.contains(stride),
      (0..<kernel).contains(padding)
    else {
      throw .badOption(
        what: "convolution \(context.path)",
        reason: "filters, kernel and stride must be in 1...65536, padding less than the kernel")
    }
    guard precision != .bfloat16 || context.precision == .bfloat16 else {
      throw .badOption(
        what: "convolution \(context.path)",
        reason: "precision bf16 needs a network of that precision")
    }
    guard height + 2 * padding >= kernel, width + 2 * padding >= kernel else {
      throw context.misfit(needs: "at least \(kernel - 2 * padding)x\(kernel - 2 * padding)")
    }
    return ConvolutionShape(
      rows: context.rows, height: height, width: width, channels: channels, filters: filters,
      kernel: kernel, stride: stride, padding: padding)
  }

  /// The initial kernel, `[kernel, kernel, channel, filter]`, and the initial bias, `[filter]`.
  func makeParameters(
    _ shape: ConvolutionShape, context: LayerContext
  ) throws(NeuralError) -> (kernel: Parameter, bias: Parameter?) {
    let (fanIn, fanOut) = (
      kernel * kernel * shape.channels, kernel * kernel * filters
    )
    let weights = try context.parameter(
      "kernel", shape: [kernel, kernel, shape.channels, filters],
      kernelInitializer ?? .glorotUniform,
      fanIn: fanIn, fanOut: fanOut, l2: l2 ?? 0)
    guard hasBias else { return (weights, nil) }
    return (
      weights,
      try context.parameter(
        "bias", shape: [filters], biasInitializer ?? .constant(value: 0), fanIn: fanIn,
        fanOut: fanOut)
    )
  }
}

extension LayerSpecification {
  /// A two-dimensional convolution.
  public static func convolution(_ options: ConvolutionOptions) -> LayerSpecification {
    .init(options)
  }
}

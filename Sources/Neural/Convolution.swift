/// A two-dimensional convolution (cross-correlation, as everywhere in the field) with bias:
/// out[y, x, f] = activation(b[f] + sum over i, j, c of in[s y + i - p, s x + j - p, c] k[i, j, c, f])
/// with the stride s and as many zeros around as the padding p.
///
/// `[rows, height, width, channel]` to `[rows, (height + 2 p - kernel) / s + 1, ..., filter]`.
final class Convolution: Layer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
  let multiplyAdds: Int
  var parameters: [Parameter] { [kernel] + (bias.map { [$0] } ?? []) }
  var sharedBytes: Int { algorithm.sharedBytes }
  var workBytes: Int { algorithm.ownBytes }
  let activation: Activation
  /// Whether the layer above gives the gradient before the activation rather than that of the
  /// output.
  var isSlopeApplied = false

  private let kernel: Parameter
  private let bias: Parameter?
  private let algorithm: any ConvolutionAlgorithm

  init(
    _ options: LayerSpecification.ConvolutionOptions, context: LayerContext
  ) throws(NeuralError) {
    let shape = try ConvolutionShape(options, context: context)
    activation = options.activation ?? .linear
    let (hasBias, isReLU) = (options.hasBias, activation == .relu)
    algorithm =
      shape.kernel == 1 && shape.stride > 1
      ? try ThinnedConvolution(shape, hasBias: hasBias, isReLU: isReLU, context: context)
      : try DirectConvolution(shape, hasBias: hasBias, isReLU: isReLU, context: context)
    outputShape = shape.output
    outputPrecision = context.inputPrecision
    multiplyAdds = shape.multiplyAdds
    (kernel, bias) = try shape.weights(options, context: context)
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    try algorithm.forward(input, kernel: kernel, bias: bias, into: output)
    if !activation.isFused { activation.apply(output) }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    if !isSlopeApplied { activation.back(output: output, gradient: outputGradient) }
    try algorithm.backward(
      input: input, kernel: kernel, bias: bias, outputGradient: outputGradient,
      inputGradient: inputGradient)
  }
}

/// The lengths of a two-dimensional convolution over one row.
struct ConvolutionShape {
  let rows: Int
  private(set) var height: Int
  private(set) var width: Int
  let channels: Int
  let filters: Int
  /// The side of the square kernel.
  let kernel: Int
  private(set) var stride: Int
  /// How many zeros stand on every side.
  let padding: Int

  init(
    _ options: LayerSpecification.ConvolutionOptions, context: LayerContext
  ) throws(NeuralError) {
    (height, width, channels) = try context.image()
    rows = context.rows
    (filters, kernel) = (options.filters, options.kernel)
    (stride, padding) = (options.stride ?? 1, options.padding ?? 0)
    let lengths = 1...65_536
    guard lengths.contains(filters), lengths.contains(kernel), lengths.contains(stride),
      (0..<kernel).contains(padding)
    else {
      throw .badOption(
        what: "convolution \(context.path)",
        reason: "filters, kernel and stride must be in 1...65536, padding less than the kernel")
    }
    guard height + 2 * padding >= kernel, width + 2 * padding >= kernel else {
      throw context.misfit(needs: "at least \(kernel - 2 * padding)x\(kernel - 2 * padding)")
    }
  }

  /// The same over the pixels that a kernel of one pixel steps on.
  var thinned: ConvolutionShape {
    var shape = self
    (shape.height, shape.width, shape.stride) = (outHeight, outWidth, 1)
    return shape
  }

  var outHeight: Int { (height + 2 * padding - kernel) / stride + 1 }
  var outWidth: Int { (width + 2 * padding - kernel) / stride + 1 }
  var output: ActivationShape { .image(height: outHeight, width: outWidth, channels: filters) }
  var multiplyAdds: Int { outHeight * outWidth * kernel * kernel * channels * filters }

  /// The kernel, `[kernel, kernel, channel, filter]`, and the bias, `[filter]`, as they begin.
  func weights(
    _ options: LayerSpecification.ConvolutionOptions, context: LayerContext
  ) throws(NeuralError) -> (kernel: Parameter, bias: Parameter?) {
    let (fanIn, fanOut) = (kernel * kernel * channels, kernel * kernel * filters)
    let weights = try context.parameter(
      "kernel", shape: [kernel, kernel, channels, filters], options.weights ?? .glorotUniform,
      fanIn: fanIn, fanOut: fanOut, l2: options.l2 ?? 0)
    guard options.hasBias else { return (weights, nil) }
    return (
      weights,
      try context.parameter(
        "bias", shape: [filters], options.biases ?? .constant(value: 0), fanIn: fanIn,
        fanOut: fanOut)
    )
  }
}

extension LayerSpecification.ConvolutionOptions {
  var hasBias: Bool { useBias ?? true }
}

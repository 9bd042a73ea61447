internal import CKernels

/// A convolution of few channels and the 2x2 max pool over it as one layer, picture by picture.
///
/// oneDNN reaches a tenth of its rate where there are one or six channels, and what lies between
/// the two layers is four times their output. In 32-bit floats whatever the network computes in.
final class PlanarConvolution: Layer {
  let outputShape: ActivationShape
  var parameters: [Parameter] { [kernel, bias] }
  let multiplyAdds: Int
  var workBytes: Int { 4 * scratch.count + Int(shape.rows) * outputShape.count }
  let parts: [LayerPart]

  private let kernel: Parameter
  private let bias: Parameter
  private var shape: CPlanarShape
  private let scratch: FloatBuffer
  /// Which pixel of its window each output is.
  private let argmax: UnsafeMutablePointer<UInt8>

  /// Both layers as one, or `nil` where this is not the best way, or none.
  static func make(
    _ specification: LayerSpecification, _ next: LayerSpecification?, context: LayerContext
  ) throws(NeuralError) -> PlanarConvolution? {
    guard let options = specification.kind as? ConvolutionOptions,
      let pool = next?.kind as? MaxPoolOptions, pool.window == 2, options.hasBias,
      (options.activation ?? .linear).isFused,
      case .image(_, _, let channels) = context.input, channels <= CPLANAR_MAX_CHANNELS,
      options.filters <= CPLANAR_MAX_FILTERS, options.kernel >= 1,
      options.kernel <= CPLANAR_MAX_KERNEL
    else { return nil }
    let shape = try options.shape(in: context)
    guard shape.stride == 1, shape.padding == 0, shape.outHeight >= 2, shape.outWidth >= 2 else {
      return nil
    }
    // What it works in grows with the image and not with the batch: past the limit oneDNN computes
    // the layer, whose memory the batch bounds.
    guard 4 * cplanar_scratch(Self.planarShape(shape, options)) <= scratchLimit else { return nil }
    return try PlanarConvolution(shape, options, context: context)
  }

  /// The most bytes a layer may work in.
  static let scratchLimit = 256 << 20

  private static func planarShape(
    _ shape: ConvolutionShape, _ options: ConvolutionOptions
  ) -> CPlanarShape {
    CPlanarShape(
      rows: shape.rows, height: shape.height, width: shape.width, channels: shape.channels,
      filters: shape.filters, kernel: shape.kernel, relu: options.activation == .relu ? 1 : 0,
      planar_input: 0, planar_output: 0)
  }

  private init(
    _ shape: ConvolutionShape, _ options: ConvolutionOptions,
    context: LayerContext
  ) throws(NeuralError) {
    let (kernel, bias) = try options.makeParameters(shape, context: context)
    guard let bias else { preconditionFailure("made with a bias only") }
    (self.kernel, self.bias) = (kernel, bias)
    self.shape = Self.planarShape(shape, options)
    outputShape = .image(
      height: shape.outHeight / 2, width: shape.outWidth / 2, channels: shape.filters)
    multiplyAdds = shape.multiplyAdds
    parts = [
      LayerPart(
        outputShape: shape.output, parameters: [kernel, bias], multiplyAdds: shape.multiplyAdds),
      LayerPart(outputShape: outputShape, parameters: [], multiplyAdds: 0),
    ]
    scratch = FloatBuffer(count: cplanar_scratch(self.shape))
    argmax = .allocate(capacity: shape.rows * outputShape.count)
  }

  /// Hands the planes of this layer's output to another one as they are, rather than with the
  /// channels of each pixel side by side; what lies between must not look at where a value stands.
  func handPlanes(to other: PlanarConvolution) {
    shape.planar_output = 1
    other.shape.planar_input = 1
  }

  deinit {
    argmax.deallocate()
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    cplanar_forward(
      shape, input.start, kernel.values.start, bias.values.start, scratch.start, output.start,
      argmax)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    cplanar_backward(
      shape, input.start, kernel.values.start, argmax, outputGradient.start, scratch.start,
      kernel.gradient.start, bias.gradient.start, inputGradient?.start)
  }
}

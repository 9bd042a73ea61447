internal import CKernels

/// A convolution of few channels followed by a 2x2 max pool, as one layer, computed image by image.
///
/// oneDNN reaches a tenth of its usual rate if there are one or six channels, and the values
/// between the two layers take four times the memory of the output. Computes in 32-bit floats
/// regardless of the precision of the network.
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
  /// The index within its pooling window of the pixel that each output came from.
  private let argmax: UnsafeMutablePointer<UInt8>

  /// Returns both layers as one, or `nil` if this method is slower or not applicable.
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
    // The working memory grows with the image and not with the batch. Past the limit oneDNN
    // computes the layer, because its memory is bounded by the batch.
    guard 4 * cplanar_scratch(Self.planarShape(shape, options)) <= scratchLimit else { return nil }
    return try PlanarConvolution(shape, options, context: context)
  }

  /// The maximum number of bytes of working memory of a layer.
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

  /// Passes the output to another layer as planes instead of interleaved channels.
  ///
  /// The layers in between must not depend on the position of a value.
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

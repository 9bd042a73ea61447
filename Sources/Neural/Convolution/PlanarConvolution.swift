internal import CKernels

/// A convolution of few channels followed by a 2x2 max pool and possibly dropout, as one layer, computed
/// image by image.
///
/// oneDNN reaches a tenth of its usual rate if there are one or six channels, and the values
/// between the convolution and the pool take four times the memory of the output. Reads and writes
/// 32-bit floats; in a network of 16-bit floats the products of the forward pass have factors of 16 bits.
final class PlanarConvolution: Layer {
  let outputShape: ActivationShape
  let outputFormat: Format
  var parameters: [Parameter] { [kernel, bias] }
  let multiplyAdds: Int
  var workBytes: Int { 4 * scratch.count + Int(shape.rows) * outputShape.count }
  var computingPrecision: Precision { shape.narrow == 1 ? .bfloat16 : .float32 }
  let parts: [LayerPart]

  private let kernel: Parameter
  private let bias: Parameter
  private let shape: CPlanarShape
  private let scratch: FloatBuffer
  /// The dropout above the pool and its position in the network; `nil` without one.
  private let dropout: (options: DropoutOptions, path: String)?
  private let rowNumbers: CRowNumbers
  /// The index within its pooling window of the pixel that each output came from.
  private let argmax: UnsafeMutablePointer<UInt8>

  /// The maximum number of bytes of working memory of a layer.
  static let scratchLimit = 256 << 20

  private static func planarShape(
    _ shape: ConvolutionShape, _ options: ConvolutionOptions, isFrom: Format = .float32,
    to: Format = .float32, network: Precision = .float32
  ) -> CPlanarShape {
    CPlanarShape(
      rows: shape.rows, height: shape.height, width: shape.width, channels: shape.channels,
      filters: shape.filters, kernel: shape.kernel, relu: options.activation == .relu ? 1 : 0,
      planar_input: isFrom.layout == .planes ? 1 : 0, planar_output: to.layout == .planes ? 1 : 0,
      narrow: network == .bfloat16 && options.precision != .float32 ? 1 : 0)
  }

  /// Builds the layer.
  ///
  /// - Parameters:
  ///   - options: the convolution.
  ///   - dropout: the dropout above the pool and its position in the network; `nil` without one.
  ///   - context: the context of the convolution.
  /// - Throws: ``NeuralError`` if an option is invalid.
  init(
    _ options: ConvolutionOptions, dropout: (options: DropoutOptions, path: String)? = nil,
    context: LayerContext
  ) throws(NeuralError) {
    if let dropout { try dropout.options.check(at: dropout.path) }
    self.dropout = dropout
    rowNumbers = context.rowNumbers
    let shape = try options.shape(in: context)
    let (kernel, bias) = try options.makeParameters(shape, context: context)
    guard let bias else { preconditionFailure("made with a bias only") }
    (self.kernel, self.bias) = (kernel, bias)
    outputFormat = Format(precision: .float32, layout: context.wantedFormat.layout)
    self.shape = Self.planarShape(
      shape, options, isFrom: context.inputFormat, to: outputFormat, network: context.precision)
    outputShape = .image(
      height: shape.outHeight / 2, width: shape.outWidth / 2, channels: shape.filters)
    multiplyAdds = shape.multiplyAdds
    let above = LayerPart(outputShape: outputShape, parameters: [], multiplyAdds: 0)
    parts =
      [
        LayerPart(
          outputShape: shape.output, parameters: [kernel, bias], multiplyAdds: shape.multiplyAdds),
        above,
      ] + (dropout == nil ? [] : [above])
    scratch = FloatBuffer(count: cplanar_scratch(self.shape))
    argmax = .allocate(capacity: shape.rows * outputShape.count)
  }

  deinit {
    argmax.deallocate()
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    func compute(_ drops: UnsafePointer<CPlanarDropout>?) {
      cplanar_forward(
        shape, input.start, kernel.values.start, bias.values.start, drops, scratch.start,
        output.start, argmax)
    }
    guard let dropout, pass != .inference else { return compute(nil) }
    var drops = CPlanarDropout(
      rate: dropout.options.rate, key: pass.dropoutKey(dropout.path), numbers: rowNumbers)
    compute(&drops)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    let rate = pass == .inference ? 0 : dropout?.options.rate ?? 0
    cplanar_backward(
      shape, input.start, kernel.values.start, argmax, outputGradient.start, 1 / (1 - rate),
      scratch.start, kernel.gradient.start, bias.gradient.start, inputGradient?.start)
  }
}

extension PlanarConvolution: LayerFusion {
  static var reads: ReadableFormats { .planes }

  static func length(
    _ specifications: ArraySlice<LayerSpecification>, context: LayerContext
  ) throws(NeuralError) -> Int? {
    guard let options = specifications.first?.kind as? ConvolutionOptions,
      let pool = specifications.dropFirst().first?.kind as? MaxPoolOptions, pool.window == 2,
      try fits(options, context: context)
    else { return nil }
    let setup = ConvolutionSetup(
      shape: try options.shape(in: context), hasBias: true, isReLU: options.activation == .relu,
      context: context)
    let isChosen = try context.resources.choosesPlanar(
      setup, path: context.path, in: context.precision
    ) {
      timings throws(NeuralError) in
      try ConvolutionTimes.Planar(measuring: options, pool, context, timings)
    }
    guard isChosen else { return nil }
    return specifications.dropFirst(2).first?.kind is DropoutOptions ? 3 : 2
  }

  static func make(
    _ specifications: [LayerSpecification], contexts: [LayerContext]
  ) throws(NeuralError) -> any Layer {
    guard let options = specifications[0].kind as? ConvolutionOptions else {
      preconditionFailure("length(_:context:) accepts nothing else")
    }
    let dropout = specifications.dropFirst(2).first?.kind as? DropoutOptions
    return try PlanarConvolution(
      options, dropout: dropout.map { ($0, contexts[2].path) }, context: contexts[0])
  }

  /// Whether the method can compute a convolution and a 2x2 pool over it.
  static func fits(
    _ options: ConvolutionOptions, context: LayerContext
  ) throws(NeuralError) -> Bool {
    guard options.hasBias, (options.activation ?? .linear).isFused,
      case .image(_, _, let channels) = context.input, channels <= CPLANAR_MAX_CHANNELS,
      options.filters <= CPLANAR_MAX_FILTERS, options.kernel >= 1,
      options.kernel <= CPLANAR_MAX_KERNEL
    else { return false }
    let shape = try options.shape(in: context)
    guard shape.stride == 1, shape.padding == 0, shape.outHeight >= 2, shape.outWidth >= 2 else {
      return false
    }
    // The working memory grows with the image and not with the batch. Past the limit another
    // method computes the layer.
    return 4 * cplanar_scratch(planarShape(shape, options)) <= scratchLimit
  }
}

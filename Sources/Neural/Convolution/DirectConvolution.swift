internal import CKernels
internal import COneDNN

/// The convolution computed directly by oneDNN, in the precision of the input.
///
/// The gradients of the kernel and the bias are sums over all pixels of all images. A sum of so many
/// 32-bit floats depends on their order, and several processes that divide the images have another
/// order than one. If `isImagewise` is set, each image is summed alone, or small images a few together,
/// and these sums are added in 64 bits. oneDNN needs more time for images alone.
final class DirectConvolution: ConvolutionAlgorithm {
  var sharedBytes: Int {
    max(conednn_convolution_scratch(handle), partHandle.map(conednn_convolution_scratch) ?? 0)
  }
  let ownBytes = 0
  let isTransforming = false
  let appliesReLUGradient = false
  private let handle: OpaquePointer
  /// Computes the gradients of the kernel and the bias for a part of the images; `nil` if `handle` does
  /// it for all.
  private let partHandle: OpaquePointer?
  private let parts: Int
  private let arena: Arena
  private let name: String
  private let isReLU: Bool
  /// Whether the kernel of the last forward pass has a NaN or an infinite value.
  private var hasKernelFault = false

  init(_ setup: ConvolutionSetup, isImagewise: Bool) throws(NeuralError) {
    let shape = setup.shape
    let part = isImagewise ? Self.imagesTogether(shape) : shape.rows
    let isDivided = part < shape.rows && setup.passes.contains(.weights)
    let whole = try Self.make(
      setup, rows: shape.rows, isDivided ? setup.passes.subtracting(.weights) : setup.passes)
    do throws(NeuralError) {
      partHandle = isDivided ? try Self.make(setup, rows: part, .weights) : nil
    } catch {
      conednn_convolution_destroy(whole)
      throw error
    }
    handle = whole
    (parts, arena, name) = (shape.rows / part, setup.arena, setup.name)
    isReLU = setup.isReLU
    if isDivided {
      let weights = (shape.kernel * shape.kernel * shape.channels + 1) * shape.filters
      arena.reserve(weights * (MemoryLayout<Double>.size + MemoryLayout<Float>.size))
    }
  }

  /// The number of pixels of the output up to which several images are summed together.
  private static let mostPixels = 512

  /// The number of images that are summed together; it divides their number.
  private static func imagesTogether(_ shape: ConvolutionShape) -> Int {
    let most = max(1, mostPixels / (shape.outHeight * shape.outWidth))
    return (1...min(most, shape.rows)).last { shape.rows % $0 == 0 } ?? 1
  }

  private static func make(
    _ setup: ConvolutionSetup, rows: Int, _ passes: ConvolutionPasses
  ) throws(NeuralError) -> OpaquePointer {
    let shape = setup.shape
    let lengths = CDnnConvolutionShape(
      rows: Int32(rows), height: Int32(shape.height), width: Int32(shape.width),
      channels: Int32(shape.channels), filters: Int32(shape.filters), kernel: Int32(shape.kernel),
      stride: Int32(shape.stride), padding: Int32(shape.padding), has_bias: setup.hasBias ? 1 : 0,
      is_bfloat16: setup.inputPrecision == .bfloat16 ? 1 : 0)
    guard
      let handle = conednn_convolution_create(
        lengths, setup.isReLU ? 1 : 0, Int32(passes.rawValue))
    else { throw .library(layer: setup.name, operation: "creating") }
    return handle
  }

  deinit {
    conednn_convolution_destroy(handle)
    conednn_convolution_destroy(partHandle)
  }

  func forward(
    _ input: FloatBuffer, _ weights: ConvolutionWeights, isKernelNew: Bool, into output: FloatBuffer
  ) throws(NeuralError) {
    let status = conednn_convolution_forward(
      handle, input.raw, isKernelNew ? weights.kernel.values.start : nil,
      weights.bias?.values.start, output.raw)
    guard status == 0 else { throw .library(layer: name, operation: "forward") }
    guard isReLU else { return }
    // oneDNN takes the larger of the sum and 0, and of NaN and 0 that is 0: a network would go on
    // without the filter.
    if isKernelNew { hasKernelFault = ![weights.kernel].areFinite }
    if hasKernelFault || ![weights.bias].compactMap(\.self).areFinite {
      output.replace(with: [Float](repeating: .nan, count: output.count))
    }
  }

  func prepare(_ gradient: ConvolutionGradient, _ weights: ConvolutionWeights) {}

  func weightGradient(
    input: FloatBuffer, _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights
  ) throws(NeuralError) {
    let (kernel, bias) = (weights.kernel.gradient, weights.bias?.gradient)
    guard let partHandle else {
      return try check(
        conednn_convolution_backward_weights(
          handle, input.raw, gradient.values.raw, kernel.start, bias?.start))
    }
    // The sums, and behind them the values of one part.
    let count = kernel.count + (bias?.count ?? 0)
    let sums = UnsafeMutableRawPointer(arena.start).assumingMemoryBound(to: Double.self)
    let values = arena.start + 2 * count
    for part in 0..<parts {
      try check(
        conednn_convolution_backward_weights(
          partHandle, input.raw + input.bytes / parts * part,
          gradient.values.raw + gradient.values.bytes / parts * part, values,
          values + kernel.count))
      let isLast = part == parts - 1
      ckernels_add_to_sums(
        kernel.count, values, part == 0 ? 1 : 0, sums, isLast ? kernel.start : nil)
      guard let bias else { continue }
      ckernels_add_to_sums(
        bias.count, values + kernel.count, part == 0 ? 1 : 0, sums + kernel.count,
        isLast ? bias.start : nil)
    }
  }

  private func check(_ status: Int32) throws(NeuralError) {
    guard status == 0 else { throw .library(layer: name, operation: "gradient of weights") }
  }

  func dataGradient(
    _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights, into inputGradient: FloatBuffer
  ) throws(NeuralError) {
    let status = conednn_convolution_backward_data(
      handle, weights.kernel.values.start, gradient.values.raw, inputGradient.raw)
    guard status == 0 else { throw .library(layer: name, operation: "gradient of input") }
  }
}

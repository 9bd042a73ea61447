internal import CWinograd

/// The convolution computed by Winograd's minimal filtering, of 32-bit floats; its images may be
/// 16-bit floats.
///
/// Tiles of 4x4 outputs take 36 products instead of 144 for a kernel of 3x3, and so do tiles of 3x3
/// outputs for a kernel of 4x4. Each pass transforms what it needs, tile by tile, so that no
/// transformed image is kept.
final class WinogradConvolution: ConvolutionAlgorithm {
  let sharedBytes = 0
  var ownBytes: Int { forwardKernel?.bytes ?? 0 }
  let isTransforming = true
  let appliesReLUGradient = true

  private let plan: OpaquePointer
  private let isReLU: Bool
  private let arena: Arena
  /// The transformed kernel of the forward pass, which is kept until the weights change.
  private let forwardKernel: FloatBuffer?

  init(_ setup: ConvolutionSetup) throws(NeuralError) {
    let shape = setup.shape
    precondition(setup.inputPrecision == setup.outputPrecision, "images have one format")
    (isReLU, arena) = (setup.isReLU, setup.arena)
    let lengths = CWinogradShape(
      rows: shape.rows, height: shape.height, width: shape.width, channels: shape.channels,
      filters: shape.filters, kernel: shape.kernel, padding: shape.padding,
      narrow: setup.inputPrecision == .bfloat16 ? 1 : 0)
    guard let plan = cwinograd_create(lengths) else {
      throw .library(layer: setup.name, operation: "creating")
    }
    self.plan = plan
    forwardKernel =
      setup.passes.contains(.forward)
      ? FloatBuffer(count: cwinograd_kernel_bytes(plan) / 4) : nil
    arena.reserve(Self.kernelBytes(plan) + cwinograd_scratch_bytes(plan))
  }

  deinit {
    cwinograd_destroy(plan)
  }

  private static func kernelBytes(_ plan: OpaquePointer) -> Int {
    (cwinograd_kernel_bytes(plan) + 63) / 64 * 64
  }

  /// The memory of the kernel of the backward pass, and behind it that of the tiles.
  private var memory: (kernel: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>) {
    (arena.start, arena.start + Self.kernelBytes(plan) / 4)
  }

  func forward(
    _ input: FloatBuffer, _ weights: ConvolutionWeights, isKernelNew: Bool, into output: FloatBuffer
  ) {
    guard let kernel = forwardKernel?.start else { preconditionFailure("made for other passes") }
    if isKernelNew { cwinograd_transform_kernel(plan, weights.kernel.values.start, 0, kernel) }
    cwinograd_forward(
      plan, input.raw, kernel, weights.bias?.values.start, isReLU ? 1 : 0, output.raw,
      memory.scratch)
  }

  func prepare(_ gradient: ConvolutionGradient, _ weights: ConvolutionWeights) {}

  func weightGradient(
    input: FloatBuffer, _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights
  ) {
    cwinograd_backward_weights(
      plan, input.raw, gradient.values.raw, gradient.output?.raw, weights.kernel.gradient.start,
      weights.bias?.gradient.start, memory.scratch)
  }

  func dataGradient(
    _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights, into inputGradient: FloatBuffer
  ) {
    cwinograd_transform_kernel(plan, weights.kernel.values.start, 1, memory.kernel)
    cwinograd_backward_data(
      plan, gradient.values.raw, gradient.output?.raw, memory.kernel, inputGradient.raw,
      memory.scratch)
  }
}

internal import CFrequency

/// The convolution computed in the frequency domain, of 32-bit floats; its images may be 16-bit
/// floats.
///
/// A transform costs the same for a kernel of any size, so that this method wins for large kernels.
/// The spectra of the input and the kernel of the forward pass serve the gradients, and that of the
/// output's gradient serves both of them.
final class FrequencyConvolution: ConvolutionAlgorithm {
  let sharedBytes = 0
  var ownBytes: Int { (inputSpectrum?.bytes ?? 0) + (kernelSpectrum?.bytes ?? 0) }
  let isTransforming = true
  let appliesReLUGradient = true

  private let plan: OpaquePointer
  private let shape: ConvolutionShape
  /// The rows that are computed at a time; all in training.
  private let part: Int
  private let isReLU: Bool
  private let arena: Arena
  private let passes: ConvolutionPasses
  /// The spectra that outlive a pass; `nil` for those that do not.
  private let inputSpectrum: FloatBuffer?
  private let kernelSpectrum: FloatBuffer?

  init(_ setup: ConvolutionSetup) throws(NeuralError) {
    (shape, isReLU, arena, passes) = (setup.shape, setup.isReLU, setup.arena, setup.passes)
    part = passes == .forward ? Self.part(of: shape) : shape.rows
    let lengths = CFrequencyShape(
      rows: part, height: shape.height, width: shape.width, channels: shape.channels,
      filters: shape.filters, kernel: shape.kernel, padding: shape.padding,
      narrow_input: setup.inputPrecision == .bfloat16 ? 1 : 0,
      narrow_output: setup.outputPrecision == .bfloat16 ? 1 : 0, tile: 0)
    guard let plan = cfrequency_create(lengths) else {
      throw .library(layer: setup.name, operation: "creating")
    }
    self.plan = plan
    func spectrum(_ bytes: Int, if isKept: Bool) -> FloatBuffer? {
      isKept ? FloatBuffer(count: bytes / 4) : nil
    }
    inputSpectrum = spectrum(
      cfrequency_input_bytes(plan), if: passes.isSuperset(of: [.forward, .weights]))
    kernelSpectrum = spectrum(cfrequency_kernel_bytes(plan), if: passes.contains(.forward))
    arena.reserve(Place.end.offset(plan))
  }

  deinit {
    cfrequency_destroy(plan)
  }

  /// The greatest number of rows, and of bytes of the spectrum of their input or output, that inference
  /// computes at a time.
  private static let (mostRows, mostBytes) = (32, 64 << 20)

  /// The greatest divisor of the number of rows within these limits; the number itself if it has none
  /// above 1.
  private static func part(of shape: ConvolutionShape) -> Int {
    // A spectrum has about as many values as the image.
    let bytes = 4 * shape.height * shape.width * max(shape.channels, shape.filters)
    let limit = max(1, min(mostRows, mostBytes / bytes))
    let part = (1...limit).last { shape.rows % $0 == 0 } ?? 1
    return part == 1 ? shape.rows : part
  }

  /// The places of temporary values in the arena, one after the other.
  private enum Place: Int, CaseIterable {
    /// The spectrum of the output or of its gradient.
    case output
    /// The spectrum of the input or of its gradient.
    case input
    /// The spectrum of the kernel or of its gradient.
    case kernel
    /// The memory of the transforms.
    case scratch
    case end

    private func size(_ plan: OpaquePointer) -> Int {
      switch self {
      case .output: max(cfrequency_output_bytes(plan), cfrequency_gradient_bytes(plan))
      case .input: cfrequency_input_gradient_bytes(plan)
      case .kernel: cfrequency_kernel_bytes(plan)
      case .scratch: cfrequency_scratch_bytes(plan)
      case .end: 0
      }
    }

    func offset(_ plan: OpaquePointer) -> Int {
      Self.allCases.prefix(rawValue).reduce(0) { $0 + ($1.size(plan) + 63) / 64 * 64 }
    }
  }

  private func memory(_ place: Place) -> UnsafeMutablePointer<Float> {
    arena.start + place.offset(plan) / 4
  }

  func forward(
    _ input: FloatBuffer, _ weights: ConvolutionWeights, isKernelNew: Bool, into output: FloatBuffer
  ) {
    guard let kernel = kernelSpectrum?.start else { preconditionFailure("made for other passes") }
    let spectrum = inputSpectrum?.start ?? memory(.input)
    if isKernelNew {
      cfrequency_transform_kernel(plan, weights.kernel.values.start, kernel, memory(.scratch))
    }
    let (bytesIn, bytesOut) = (
      input.bytes / shape.rows * part, output.bytes / shape.rows * part
    )
    for number in 0..<shape.rows / part {
      cfrequency_transform_input(plan, input.raw + number * bytesIn, spectrum, memory(.scratch))
      cfrequency_forward(
        plan, spectrum, kernel, weights.bias?.values.start, isReLU ? 1 : 0,
        output.raw + number * bytesOut, memory(.output), memory(.scratch))
    }
  }

  /// Computes the spectrum of the input only, for measurements.
  func transformInput(_ input: FloatBuffer) {
    cfrequency_transform_input(
      plan, input.raw, inputSpectrum?.start ?? memory(.input), memory(.scratch))
  }

  func prepare(_ gradient: ConvolutionGradient, _ weights: ConvolutionWeights) {
    cfrequency_transform_gradient(
      plan, gradient.values.raw, gradient.output?.raw,
      passes.contains(.weights) ? weights.bias?.gradient.start : nil, memory(.output),
      memory(.scratch))
  }

  func weightGradient(
    input: FloatBuffer, _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights
  ) {
    let kept = inputSpectrum?.start
    if kept == nil {
      cfrequency_transform_input(plan, input.raw, memory(.input), memory(.scratch))
    }
    cfrequency_backward_weights(
      plan, kept ?? memory(.input), memory(.output), weights.kernel.gradient.start, memory(.kernel),
      memory(.scratch))
  }

  func dataGradient(
    _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights, into inputGradient: FloatBuffer
  ) {
    let kept = kernelSpectrum?.start
    if kept == nil {
      cfrequency_transform_kernel(
        plan, weights.kernel.values.start, memory(.kernel), memory(.scratch))
    }
    cfrequency_backward_data(
      plan, memory(.output), kept ?? memory(.kernel), inputGradient.raw, memory(.input),
      memory(.scratch))
  }
}

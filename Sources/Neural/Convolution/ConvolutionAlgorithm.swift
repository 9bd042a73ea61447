/// A method that computes passes of a convolution; each layer chooses one for each pass.
///
/// Bound to classes because an algorithm owns library handles and memory.
protocol ConvolutionAlgorithm: AnyObject {
  /// Number of bytes of the library's working memory, which all layers share.
  var sharedBytes: Int { get }
  /// Number of bytes of memory that are not shared.
  var ownBytes: Int { get }
  /// Whether the memory holds transformed images and kernels.
  var isTransforming: Bool { get }
  /// Whether the algorithm applies the gradient of a ReLU itself.
  var appliesReLUGradient: Bool { get }

  /// Computes the convolution with its bias, and ReLU if the algorithm was made with it.
  ///
  /// - Parameters:
  ///   - input: the input.
  ///   - weights: the kernel and the bias.
  ///   - isKernelNew: whether the kernel may differ from that of the call before.
  ///   - output: receives the output.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  func forward(
    _ input: FloatBuffer, _ weights: ConvolutionWeights, isKernelNew: Bool, into output: FloatBuffer
  ) throws(NeuralError)

  /// Prepares the gradient of the output for the passes of this algorithm that follow.
  func prepare(_ gradient: ConvolutionGradient, _ weights: ConvolutionWeights)

  /// Computes the gradients of the kernel and the bias.
  func weightGradient(
    input: FloatBuffer, _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights
  ) throws(NeuralError)

  /// Computes the gradient of the input.
  func dataGradient(
    _ gradient: ConvolutionGradient, _ weights: ConvolutionWeights, into inputGradient: FloatBuffer
  ) throws(NeuralError)
}

/// The passes that an algorithm is made for.
struct ConvolutionPasses: OptionSet {
  let rawValue: Int
  static let forward = ConvolutionPasses(rawValue: 1)
  static let weights = ConvolutionPasses(rawValue: 2)
  static let data = ConvolutionPasses(rawValue: 4)
}

/// The weights of a convolution: the kernel, `[kernel, kernel, channel, filter]`, and the bias,
/// `[filter]`.
struct ConvolutionWeights {
  let kernel: Parameter
  let bias: Parameter?
}

/// The gradient of a convolution's output.
struct ConvolutionGradient {
  let values: FloatBuffer
  /// The output of the convolution, if the gradient of its ReLU is still to be applied.
  let output: FloatBuffer?
}

/// What an algorithm is made from.
struct ConvolutionSetup {
  let shape: ConvolutionShape
  let hasBias: Bool
  let isReLU: Bool
  let inputPrecision: Precision
  let outputPrecision: Precision
  let passes: ConvolutionPasses
  let arena: Arena
  /// The name of the layer in errors.
  let name: String

  /// The same for other passes.
  func only(_ passes: ConvolutionPasses) -> ConvolutionSetup { changed(passes: passes) }

  /// The same over other sizes.
  func over(_ shape: ConvolutionShape) -> ConvolutionSetup { changed(shape: shape) }

  /// The same with other working memory.
  func with(_ arena: Arena) -> ConvolutionSetup { changed(arena: arena) }

  /// The same with an output of another precision.
  func giving(_ precision: Precision) -> ConvolutionSetup { changed(output: precision) }

  private func changed(
    shape: ConvolutionShape? = nil, passes: ConvolutionPasses? = nil, arena: Arena? = nil,
    output: Precision? = nil
  ) -> ConvolutionSetup {
    ConvolutionSetup(
      shape: shape ?? self.shape, hasBias: hasBias, isReLU: isReLU, inputPrecision: inputPrecision,
      outputPrecision: output ?? outputPrecision, passes: passes ?? self.passes,
      arena: arena ?? self.arena,
      name: name)
  }
}

/// A two-dimensional convolution with bias.
///
/// As is usual in the field, it is a cross-correlation:
/// out[y, x, f] = activation(b[f]
///   + sum over i, j, c of in[s y + i - p, s x + j - p, c] k[i, j, c, f])
/// with stride s and zero padding p.
///
/// `[rows, height, width, channel]` to `[rows, (height + 2 p - kernel) / s + 1, ..., filter]`.
final class Convolution: RectifiedLayer {
  let outputShape: ActivationShape
  let outputFormat: Format
  let multiplyAdds: Int
  var parameters: [Parameter] { [weights.kernel] + (weights.bias.map { [$0] } ?? []) }
  var sharedBytes: Int { algorithms.map(\.sharedBytes).max() ?? 0 }
  var workBytes: Int { algorithms.reduce(0) { $0 + $1.ownBytes } }
  let activation: Activation
  var isActivationGradientApplied = false

  private let weights: ConvolutionWeights
  /// The algorithms of this layer, each once.
  private let algorithms: [any ConvolutionAlgorithm]
  private let forwardPass: any ConvolutionAlgorithm
  /// The algorithms of the gradients; `nil` in a network for inference.
  private let weightPass: (any ConvolutionAlgorithm)?
  private let dataPass: (any ConvolutionAlgorithm)?
  /// The version of the kernel of the last forward pass; `nil` if there was none.
  private var version: Int?

  init(
    _ shape: ConvolutionShape, weights: ConvolutionWeights, activation: Activation,
    context: LayerContext
  ) throws(NeuralError) {
    self.weights = weights
    self.activation = activation
    var setup = ConvolutionSetup(
      shape: shape, hasBias: weights.bias != nil, isReLU: activation == .relu, context: context)
    let methods = try context.resources.choose(setup, path: context.path)
    if methods.used(for: setup.passes).allSatisfy(\.convertsImages) {
      setup = setup.giving(context.wantedFormat.precision)
    }
    var made: [ConvolutionMethod: any ConvolutionAlgorithm] = [:]
    for method in methods.used(for: setup.passes) {
      let passes = methods.passes(of: method).intersection(setup.passes)
      made[method] = try method.algorithm(setup.only(passes))
    }
    algorithms = Array(made.values)
    guard let first = made[methods.forward] else { preconditionFailure("it has a forward pass") }
    forwardPass = first
    weightPass = setup.passes.contains(.weights) ? made[methods.weights] : nil
    dataPass = setup.passes.contains(.data) ? made[methods.data] : nil
    outputShape = shape.output
    context.resources.keepTransforms(
      bytes: algorithms.filter(\.isTransforming).reduce(0) { $0 + $1.ownBytes })
    outputFormat = Format(precision: setup.outputPrecision)
    multiplyAdds = shape.multiplyAdds
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    // Training changes the weights at every step.
    let isKernelNew = pass != .inference || version != weights.kernel.version
    try forwardPass.forward(input, weights, isKernelNew: isKernelNew, into: output)
    version = weights.kernel.version
    if !activation.isFused { activation.apply(output) }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    guard let weightPass else { preconditionFailure("made for inference only") }
    let used = [weightPass, inputGradient == nil ? nil : dataPass].compactMap(\.self)
    let isFused = activation == .relu && used.allSatisfy(\.appliesReLUGradient)
    if !isActivationGradientApplied && !isFused {
      activation.back(output: output, gradient: outputGradient)
    }
    let gradient = ConvolutionGradient(
      values: outputGradient, output: isFused && !isActivationGradientApplied ? output : nil)
    weightPass.prepare(gradient, weights)
    try weightPass.weightGradient(input: input, gradient, weights)
    guard let inputGradient else { return }
    guard let dataPass else { preconditionFailure("made without a gradient of the input") }
    if dataPass !== weightPass { dataPass.prepare(gradient, weights) }
    try dataPass.dataGradient(gradient, weights, into: inputGradient)
  }
}

extension PassMethods {
  /// The methods of some passes, each once.
  fileprivate func used(for passes: ConvolutionPasses) -> [ConvolutionMethod] {
    ConvolutionMethod.allCases.filter { !self.passes(of: $0).isDisjoint(with: passes) }
  }

  /// The passes that a method computes.
  fileprivate func passes(of method: ConvolutionMethod) -> ConvolutionPasses {
    var passes: ConvolutionPasses = []
    if forward == method { passes.insert(.forward) }
    if weights == method { passes.insert(.weights) }
    if data == method { passes.insert(.data) }
    return passes
  }
}

extension ConvolutionMethod {
  /// Makes the algorithm of this method.
  fileprivate func algorithm(
    _ setup: ConvolutionSetup
  ) throws(NeuralError) -> any ConvolutionAlgorithm {
    switch self {
    case .frequency: return try FrequencyConvolution(setup)
    case .winograd: return try WinogradConvolution(setup)
    case .planar: preconditionFailure("a planar convolution is a layer with its pool")
    case .direct, .imagewise:
      let isImagewise = self == .imagewise
      return setup.shape.kernel == 1 && setup.shape.stride > 1
        ? try SubsampledConvolution(setup, isImagewise: isImagewise)
        : try DirectConvolution(setup, isImagewise: isImagewise)
    }
  }
}

extension ConvolutionSetup {
  /// What a layer of a network is made from; its output has the precision of its input.
  init(shape: ConvolutionShape, hasBias: Bool, isReLU: Bool, context: LayerContext) {
    self.init(
      shape: shape, hasBias: hasBias, isReLU: isReLU, inputPrecision: context.inputPrecision,
      outputPrecision: context.inputPrecision, passes: context.convolutionPasses,
      arena: context.resources.arena, name: context.name)
  }
}

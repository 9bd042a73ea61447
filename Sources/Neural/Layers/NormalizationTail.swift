/// The layers directly above a batch normalisation that are computed in the same pass over memory: a
/// rectifier, then dropout, then a max pool over 2x2, each of which may be missing.
struct NormalizationTail {
  private(set) var activation: ActivationOptions?
  private(set) var rectifier: PReLUOptions?
  private(set) var dropout: DropoutOptions?
  private(set) var isPooled = false
  /// The layers, in order.
  private var specifications: [LayerSpecification] = []

  var isEmpty: Bool { specifications.isEmpty }
  /// Number of layers.
  var count: Int { specifications.count }

  /// No layers.
  init() {}

  /// Takes the layers that can be computed in the same pass.
  ///
  /// - Parameters:
  ///   - layers: the layers above the normalisation.
  ///   - input: the shape of one row of their input.
  init(_ layers: ArraySlice<LayerSpecification>, over input: ActivationShape) {
    for layer in layers {
      guard accepts(layer, over: input) else { return }
      specifications.append(layer)
    }
  }

  private mutating func accepts(_ layer: LayerSpecification, over input: ActivationShape) -> Bool {
    // The rest has the order of the fields.
    guard !isPooled else { return false }
    switch layer.kind {
    case let options as ActivationOptions where isEmpty && options.kind.fixedSlope != nil:
      activation = options
    case let options as PReLUOptions where isEmpty: rectifier = options
    case let options as DropoutOptions where dropout == nil: dropout = options
    case let options as MaxPoolOptions where options.window == 2:
      guard case .image(let height, let width, _) = input, min(height, width) >= 2 else {
        return false
      }
      isPooled = true
    default: return false
    }
    return true
  }

  /// What values that are not positive are multiplied by, if it is not trained.
  var fixedSlope: Float { activation?.kind.fixedSlope ?? 1 }

  /// The position of the dropout among the layers, counted from the normalisation; `nil` without one.
  var dropoutIndex: Int? {
    specifications.firstIndex { $0.kind is DropoutOptions }.map { $0 + 1 }
  }

  /// The trained slope of each channel; `nil` without one.
  func trainedSlope(
    _ channels: Int, _ contexts: [LayerContext]
  ) throws(NeuralError) -> Parameter? {
    if let dropout, let dropoutIndex { try dropout.check(at: contexts[dropoutIndex].path) }
    guard let rectifier else { return nil }
    return try contexts[1].parameter(
      "alpha", shape: [channels], .constant(value: rectifier.initial))
  }

  func outputShape(over input: ActivationShape) -> ActivationShape {
    LayerSpecification.outputShape(of: specifications, for: input) ?? input
  }

  /// The descriptions of the normalisation and the layers.
  func parts(
    over input: ActivationShape, own: [Parameter], _ slope: Parameter?
  ) -> [LayerPart] {
    var shape = input
    var parts = [LayerPart(outputShape: input, parameters: own, multiplyAdds: 0)]
    for specification in specifications {
      shape = specification.outputShape(for: shape) ?? shape
      let isTrained = specification.kind is PReLUOptions
      parts.append(
        LayerPart(
          outputShape: shape, parameters: isTrained ? slope.map { [$0] } ?? [] : [],
          multiplyAdds: 0))
    }
    return parts
  }
}

extension Activation {
  /// The slope below 0 of a function that is the identity above; `nil` for others.
  fileprivate var fixedSlope: Float? {
    switch self {
    case .linear: 1
    case .relu: 0
    case .leakyReLU: 0.01
    case .tanh, .scaledTanh, .sigmoid: nil
    }
  }
}

/// Executes a plan of layers with the memory between them, allocated once.
///
/// A class because its layers and buffers are shared by the passes.
final class LayerChain {
  let inputShape: ActivationShape
  let layers: [any Layer]
  private let inputPrecision: Precision
  /// For each layer, whether its output is a view of its input in another shape.
  private let isView: [Bool]
  let activations: [FloatBuffer]
  /// The number of values of each layer's input and their precision.
  private let gradientNeeds: [(count: Int, precision: Precision)]
  /// The memory for the gradient of each layer's input: views of two alternating buffers; none in a
  /// chain for inference only.
  let inputGradients: [FloatBuffer]
  /// Number of first layers that compute as in inference and get no gradients.
  var frozen = 0

  /// The shape of one row of the last layer's output.
  var outputShape: ActivationShape { layers.last?.outputShape ?? inputShape }
  /// The precision of the last layer's output.
  var outputPrecision: Precision { layers.last?.outputPrecision ?? inputPrecision }
  var parameters: [Parameter] { layers.flatMap(\.parameters) }
  var multiplyAdds: Int { layers.reduce(0) { $0 + $1.multiplyAdds } }
  /// Number of bytes used in training for activations, their gradients and the layers' own memory.
  var trainingBytes: Int {
    zip(activations, isView).reduce(0) { $0 + ($1.1 ? 0 : $1.0.bytes) }
      + GradientPlan(needs: gradientNeeds, isView: isView).bytes.reduce(0, +)
      + layers.reduce(0) { $0 + $1.workBytes }
  }
  /// The lowest precision in which a layer computes.
  var computingPrecision: Precision {
    layers.contains { $0.computingPrecision == .bfloat16 } ? .bfloat16 : .float32
  }
  /// Number of bytes of working memory that the layers share.
  var sharedBytes: Int { layers.map(\.sharedBytes).max() ?? 0 }

  /// Plans the layers and allocates the memory between them.
  ///
  /// - Parameters:
  ///   - specifications: the layers, from input to output.
  ///   - input: the shape of one row of the input.
  ///   - context: the values common to all layers.
  ///   - outputPrecision: the precision of the output; defaults to that of the last layer.
  /// - Throws: ``NeuralError`` that names the layer that cannot be built.
  init(
    _ specifications: [LayerSpecification], input: ActivationShape, context: LayerContext,
    outputPrecision: Precision? = nil
  ) throws(NeuralError) {
    let plan = try LayerPlan(
      specifications, input: input, context: context, output: outputPrecision)
    inputShape = input
    inputPrecision = context.inputPrecision
    layers = plan.layers
    isView = plan.isView
    // The backward pass reads every output; inference reads each only once.
    activations =
      AlternatingMemory(
        needs: plan.outputs, isView: isView,
        isKept: context.isTrainable || context.keepsLayersApart
      ).buffers
    gradientNeeds = plan.inputs
    inputGradients =
      context.isTrainable
      ? GradientPlan(needs: gradientNeeds, isView: isView).buffers(gradientNeeds) : []
  }

  /// Computes the output of every layer and returns that of the last, or the input if there is no
  /// layer.
  @discardableResult
  func forward(_ input: FloatBuffer, _ pass: Pass) throws(NeuralError) -> FloatBuffer {
    var source = input
    for index in layers.indices {
      try layers[index].forward(
        source, into: activations[index], pass: index < frozen ? .inference : pass)
      source = activations[index]
    }
    return source
  }

  /// The result of the last forward pass.
  func output(of input: FloatBuffer) -> FloatBuffer { activations.last ?? input }

  /// Computes the gradient of every parameter and, if `inputGradient` is given, of the input.
  ///
  /// - Parameters:
  ///   - input: the input of the forward pass.
  ///   - outputGradient: the gradient of the last layer's output; may be overwritten.
  ///   - inputGradient: receives the gradient of the input.
  ///   - pass: the pass given to the forward pass.
  ///   - finished: called with the parameters of each layer after its pass.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  func backward(
    input: FloatBuffer, outputGradient: FloatBuffer, inputGradient: FloatBuffer?, _ pass: Pass,
    finished: ([Parameter]) -> Void = { _ in }
  ) throws(NeuralError) {
    precondition(layers.isEmpty || !inputGradients.isEmpty, "this was built for inference only")
    guard !layers.isEmpty else {
      inputGradient?.copy(outputGradient)
      return
    }
    // If the input needs no gradient, the layers below the first weights need no backward pass.
    let first = inputGradient == nil ? max(firstWithWeights, frozen) : 0
    var gradient = outputGradient
    for index in layers.indices.reversed() where index >= first {
      let below = index > first ? inputGradients[index] : index == 0 ? inputGradient : nil
      try layers[index].backward(
        input: index == 0 ? input : activations[index - 1], output: activations[index],
        outputGradient: gradient, inputGradient: below, pass: pass)
      finished(layers[index].parameters)
      if let below { gradient = below }
    }
  }

  /// The index of the first layer with weights; the number of layers if none has any.
  private(set) lazy var firstWithWeights =
    layers.firstIndex { !$0.parameters.isEmpty } ?? layers.count
}

extension [LayerChain] {
  /// The lowest precision in which a layer computes.
  var computingPrecision: Precision {
    contains { $0.computingPrecision == .bfloat16 } ? .bfloat16 : .float32
  }
}

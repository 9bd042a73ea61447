/// Layers one over the other with the memory between them, planned once.
///
/// A class because its layers and buffers are shared by the passes.
final class LayerChain {
  let inputShape: ActivationShape
  let layers: [any Layer]
  private let inputPrecision: Precision
  /// Which layers give their input as it is, seen as another shape.
  private let isView: [Bool]
  let activations: [FloatBuffer]
  /// How many numbers of what kind each layer's input has.
  private let gradientNeeds: [(count: Int, precision: Precision)]
  /// What receives the gradient of each layer's input: two buffers in turn, seen as what passes
  /// through them; none in a chain that only infers.
  let inputGradients: [FloatBuffer]

  /// What the last layer gives for one row.
  var outputShape: ActivationShape { layers.last?.outputShape ?? inputShape }
  /// What the last layer's output is made of.
  var outputPrecision: Precision { layers.last?.outputPrecision ?? inputPrecision }
  var parameters: [Parameter] { layers.flatMap(\.parameters) }
  var multiplyAdds: Int { layers.reduce(0) { $0 + $1.multiplyAdds } }
  /// How many bytes of activations and their gradients a training has, and of what layers have to
  /// themselves.
  var trainingBytes: Int {
    zip(activations, isView).reduce(0) { $0 + ($1.1 ? 0 : $1.0.bytes) }
      + GradientPlan(needs: gradientNeeds, isView: isView).bytes.reduce(0, +)
      + layers.reduce(0) { $0 + $1.workBytes }
  }
  /// The narrowest numbers that a layer computes in.
  var computingPrecision: Precision {
    layers.contains { $0.computingPrecision == .bfloat16 } ? .bfloat16 : .float32
  }
  /// How many bytes the layers work in that they share.
  var sharedBytes: Int { layers.map(\.sharedBytes).max() ?? 0 }

  /// Builds the layers over each other; where the numbers of two differ, a cast goes between them.
  ///
  /// - Parameters:
  ///   - specifications: the layers, the one at the input first.
  ///   - input: what one row of the input is.
  ///   - context: what holds for all layers.
  ///   - outputPrecision: what the output is to be made of; as it comes unless given.
  /// - Throws: ``NeuralError`` that names the layer which cannot be built.
  init(
    _ specifications: [LayerSpecification], input: ActivationShape, context: LayerContext,
    outputPrecision: Precision? = nil
  ) throws(NeuralError) {
    inputShape = input
    inputPrecision = context.inputPrecision
    var stack = LayerStack(over: input, context)
    try stack.append(specifications)
    stack.cast(to: outputPrecision ?? stack.precision)
    let layers = stack.layers
    Self.fuseReLUGradients(layers)
    Self.sharePlanes(layers)
    self.layers = layers
    let precisions = [inputPrecision] + layers.map(\.outputPrecision)
    isView = layers.enumerated().map { $1 is Flatten && precisions[$0] == .float32 && $0 > 0 }
    activations = Self.activations(layers, isView: isView, rows: context.rows)
    gradientNeeds = zip([input] + layers.map(\.outputShape), precisions).prefix(layers.count)
      .map { (context.rows * $0.count, $1) }
    inputGradients =
      context.isTrainable
      ? GradientPlan(needs: gradientNeeds, isView: isView).buffers(gradientNeeds) : []
  }

  private static func activations(
    _ layers: [any Layer], isView: [Bool], rows: Int
  ) -> [FloatBuffer] {
    var buffers: [FloatBuffer] = []
    for (index, layer) in layers.enumerated() {
      let count = rows * layer.outputShape.count
      buffers.append(
        isView[index]
          ? FloatBuffer(viewOf: buffers[index - 1], count: count, precision: .float32)
          : FloatBuffer(count: count, precision: layer.outputPrecision))
    }
    return buffers
  }

  /// A max pool right over a ReLU reads its values anyway and applies its gradient on the way.
  private static func fuseReLUGradients(_ layers: [any Layer]) {
    for (below, above) in zip(layers, layers.dropFirst()) {
      guard let convolution = below as? Convolution, let pool = above as? MaxPool,
        convolution.activation == .relu
      else { continue }
      convolution.isActivationGradientApplied = true
      pool.isOverReLU = true
    }
  }

  /// Two planar convolutions with nothing between but layers that take each value by itself work on
  /// planes throughout.
  private static func sharePlanes(_ layers: [any Layer]) {
    var below: PlanarConvolution?
    for layer in layers {
      if let planar = layer as? PlanarConvolution {
        below?.handPlanes(to: planar)
        below = planar
      } else if !(layer is Dropout || layer is ActivationLayer) {
        below = nil
      }
    }
  }

  /// Computes the output of every layer; the result is that of the last, or the input itself.
  @discardableResult
  func forward(_ input: FloatBuffer, _ pass: Pass) throws(NeuralError) -> FloatBuffer {
    var source = input
    for index in layers.indices {
      try layers[index].forward(source, into: activations[index], pass: pass)
      source = activations[index]
    }
    return source
  }

  /// What the last forward pass gave.
  func output(of input: FloatBuffer) -> FloatBuffer { activations.last ?? input }

  /// Computes the gradient of every parameter and, where `inputGradient` is given, of the input.
  ///
  /// - Parameters:
  ///   - input: the forward pass's.
  ///   - outputGradient: that of the last layer's output; it may be changed.
  ///   - inputGradient: receives that of the input.
  ///   - pass: the forward pass's.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  func backward(
    input: FloatBuffer, outputGradient: FloatBuffer, inputGradient: FloatBuffer?, _ pass: Pass
  ) throws(NeuralError) {
    precondition(layers.isEmpty || !inputGradients.isEmpty, "this was built for inference only")
    guard !layers.isEmpty else {
      inputGradient?.copy(outputGradient)
      return
    }
    // Without a gradient to give further down, nothing below the first weights is of use.
    let first = inputGradient == nil ? firstWithWeights : 0
    var gradient = outputGradient
    for index in layers.indices.reversed() where index >= first {
      let below = index > first ? inputGradients[index] : index == 0 ? inputGradient : nil
      try layers[index].backward(
        input: index == 0 ? input : activations[index - 1], output: activations[index],
        outputGradient: gradient, inputGradient: below, pass: pass)
      if let below { gradient = below }
    }
  }

  /// The lowest layer with weights; the number of layers where none has any.
  private(set) lazy var firstWithWeights =
    layers.firstIndex { !$0.parameters.isEmpty } ?? layers.count
}

extension [LayerChain] {
  /// The narrowest numbers that a layer computes in.
  var computingPrecision: Precision {
    contains { $0.computingPrecision == .bfloat16 } ? .bfloat16 : .float32
  }
}

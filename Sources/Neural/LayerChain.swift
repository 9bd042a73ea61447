internal import CKernels
import Randomness

/// Layers one over the other with the memory between them, planned once.
///
/// A class because its layers and buffers are shared by the passes.
final class LayerChain {
  let inputShape: ActivationShape
  let layers: [any Layer]
  private let activations: [FloatBuffer]
  /// Two buffers that gradients pass through in turn; none in a chain that only infers.
  private let gradients: [FloatBuffer]

  /// What the last layer gives for one row.
  var outputShape: ActivationShape { layers.last?.outputShape ?? inputShape }
  var parameters: [Parameter] { layers.flatMap(\.parameters) }
  var multiplyAdds: Int { layers.reduce(0) { $0 + $1.multiplyAdds } }

  /// Builds the layers over each other.
  init(
    _ specifications: [LayerSpecification], input: ActivationShape, context: LayerContext
  ) throws(NeuralError) {
    inputShape = input
    var layers: [any Layer] = []
    var shape = input
    for (index, specification) in specifications.enumerated() {
      let layer = try makeLayer(
        specification, context.over(shape, index: index, name: specification.name))
      shape = layer.outputShape
      layers.append(layer)
    }
    self.layers = layers
    activations = layers.map { FloatBuffer(count: context.rows * $0.outputShape.count) }
    let largest = (activations.map(\.count) + [context.rows * input.count]).max() ?? 0
    gradients =
      context.isTrainable && !layers.isEmpty ? (0..<2).map { _ in FloatBuffer(count: largest) } : []
  }

  /// Computes the output of every layer; the result is that of the last, or the input itself.
  @discardableResult
  func forward(_ input: FloatBuffer, _ pass: Pass) throws(NeuralError) -> FloatBuffer {
    var source = input
    for (layer, output) in zip(layers, activations) {
      try layer.forward(source, into: output, pass: pass)
      source = output
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
    precondition(layers.isEmpty || !gradients.isEmpty, "this was built for inference only")
    guard !layers.isEmpty else {
      inputGradient?.start.update(from: outputGradient.start, count: outputGradient.count)
      return
    }
    var gradient = outputGradient
    for index in layers.indices.reversed() {
      let below = index == 0 ? inputGradient : gradients[index % 2]
      try layers[index].backward(
        input: index == 0 ? input : activations[index - 1], output: activations[index],
        outputGradient: gradient, inputGradient: below, pass: pass)
      if let below { gradient = below }
    }
  }
}

/// Builds one layer.
func makeLayer(
  _ specification: LayerSpecification, _ context: LayerContext
) throws(NeuralError) -> any Layer {
  switch specification {
  case .convolution(let options): try Convolution(options, context: context)
  case .maxPool(let options): try MaxPool(window: options.window, context: context)
  case .averagePool(let options): try AveragePool(window: options.window, context: context)
  case .channelRowPool(let options): try ChannelRowPool(window: options.window, context: context)
  case .dense(let options): try Dense(options, context: context)
  case .batchNormalization(let options): try BatchNormalization(options, context: context)
  case .dropout(let rate): try Dropout(rate: rate, context: context)
  case .activation(let activation): ActivationLayer(activation, context: context)
  case .reflectionPad(let size): try ReflectionPad(size: size, context: context)
  case .flatten: Flatten(context: context)
  case .l2Normalization: try L2Normalization(context: context)
  case .branches(let branches): try Branches(branches, context: context)
  case .spatialTransformer(let localization, let downsample):
    try SpatialTransformer(localization, downsample: downsample, context: context)
  }
}

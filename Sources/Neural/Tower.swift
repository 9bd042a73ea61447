internal import COneDNN
internal import COpenBLAS
import Randomness

/// How the libraries below compute; a run records it, since figures may depend on it.
public struct Machine: Sendable, Equatable, Codable {
  /// How many threads oneDNN and OpenBLAS use.
  public let threads: Int
  /// The version of oneDNN.
  public let onednn: String
  /// The instruction set oneDNN takes.
  public let instructionSet: String
  /// The kernels OpenBLAS takes.
  public let openblas: String

  /// Sets the number of threads of every library.
  ///
  /// - Throws: ``NeuralError/library(layer:operation:)`` when oneDNN does not start.
  public static func start(threads: Int) throws(NeuralError) -> Machine {
    guard conednn_start(Int32(threads)) == 0 else {
      throw .library(layer: "oneDNN", operation: "starting")
    }
    copenblas_set_threads(Int32(threads))
    return Machine(
      threads: threads, onednn: String(cString: conednn_version()),
      instructionSet: String(cString: conednn_instruction_set()),
      openblas: String(cString: copenblas_core()))
  }
}

/// The network that turns a picture into an embedding; a twin network is one tower used for both
/// sides, with one set of weights.
///
/// It works on a fixed number of rows, so that all memory is planned once.
public final class Tower {
  /// What one layer is, for `train describe`.
  public struct Description: Sendable, Equatable {
    /// The layer's name.
    public let name: String
    /// What one row of its output is.
    public let output: ActivationShape
    /// How many weights it has.
    public let parameters: Int
    /// How many products it sums for one row.
    public let multiplyAdds: Int
  }

  /// How many rows every pass has.
  public let rows: Int
  /// What one row of the input is.
  public let inputShape: ActivationShape
  /// How long an embedding is.
  public let embeddingLength: Int
  /// Everything training changes, in the order of the layers.
  public let parameters: [Parameter]
  /// The layers one by one.
  public let descriptions: [Description]
  /// The input, `[rows] + inputShape`, to be filled before ``forward(_:)``.
  public let input: FloatBuffer
  /// The embeddings of the last forward pass, `[rows, embeddingLength]`.
  public var embeddings: FloatBuffer { activations.last ?? input }

  private let layers: [any Layer]
  private let activations: [FloatBuffer]
  /// Two buffers that gradients pass through in turn; none in a tower that only infers.
  private let gradients: [FloatBuffer]

  /// Builds the layers over each other.
  ///
  /// - Parameters:
  ///   - specifications: the layers, the one at the input first.
  ///   - inputShape: what one row of the input is.
  ///   - rows: how many rows every pass has.
  ///   - seed: what the first weights are drawn from.
  ///   - isTrainable: whether memory for a backward pass is planned.
  /// - Throws: ``NeuralError`` that names the layer which cannot be built.
  public init(
    _ specifications: [LayerSpecification], input inputShape: ActivationShape, rows: Int,
    seed: Int, isTrainable: Bool
  ) throws(NeuralError) {
    var layers: [any Layer] = []
    var descriptions: [Description] = []
    var shape = inputShape
    for (index, specification) in specifications.enumerated() {
      let context = LayerContext(
        index: index, name: specification.name, input: shape, rows: rows)
      var random = RandomStream(seed: seed, "weights", index)
      let layer = try Self.layer(specification, context: context, random: &random)
      shape = layer.outputShape
      layers.append(layer)
      descriptions.append(
        Description(
          name: specification.name, output: shape,
          parameters: layer.parameters.reduce(0) { $0 + $1.count },
          multiplyAdds: layer.multiplyAdds))
    }
    guard case .features(let length) = shape else {
      throw .badOption(what: "the tower", reason: "its last layer must give features: add flatten")
    }
    self.rows = rows
    self.inputShape = inputShape
    self.layers = layers
    self.descriptions = descriptions
    embeddingLength = length
    parameters = layers.flatMap(\.parameters)
    input = FloatBuffer(count: rows * inputShape.count)
    activations = layers.map { FloatBuffer(count: rows * $0.outputShape.count) }
    let largest = activations.map(\.count).max() ?? 0
    gradients = isTrainable ? (0..<2).map { _ in FloatBuffer(count: largest) } : []
  }

  private static func layer(
    _ specification: LayerSpecification, context: LayerContext, random: inout RandomStream
  ) throws(NeuralError) -> any Layer {
    switch specification {
    case .convolution(let filters, let kernel, let activation):
      try Convolution(
        filters: filters, kernelSide: kernel, activation: activation, context: context,
        random: &random)
    case .maxPool(let window): try MaxPool(window: window, context: context)
    case .dropout(let rate): try Dropout(rate: rate, context: context)
    case .flatten: Flatten(context: context)
    case .dense(let units, let activation):
      try Dense(units: units, activation: activation, context: context, random: &random)
    }
  }

  /// Computes ``embeddings`` from ``input``.
  public func forward(_ pass: Pass) throws(NeuralError) {
    var source = input
    for (layer, output) in zip(layers, activations) {
      try layer.forward(source, into: output, pass: pass)
      source = output
    }
  }

  /// Computes the gradient of every parameter from that of the embeddings, after a forward pass.
  ///
  /// - Parameters:
  ///   - embeddingGradient: `[rows, embeddingLength]`; it may be changed.
  ///   - pass: the forward pass's.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  /// - Precondition: the tower is trainable.
  public func backward(
    embeddingGradient: FloatBuffer, _ pass: Pass
  ) throws(NeuralError) {
    precondition(!gradients.isEmpty, "this tower was built for inference only")
    var gradient = embeddingGradient
    for index in layers.indices.reversed() {
      let below = index == 0 ? nil : gradients[index % 2]
      try layers[index].backward(
        input: index == 0 ? input : activations[index - 1], output: activations[index],
        outputGradient: gradient, inputGradient: below, pass: pass)
      if let below { gradient = below }
    }
  }

  /// Whether every weight is a number.
  public var isFinite: Bool {
    parameters.allSatisfy { parameter in
      UnsafeBufferPointer(start: parameter.values.start, count: parameter.count)
        .allSatisfy(\.isFinite)
    }
  }

  /// Takes the weights of a checkpoint by name.
  ///
  /// - Throws: ``NeuralError/foreignWeights(reason:)`` when one is missing or has another shape.
  public func load(_ weights: [String: (shape: [Int], values: [Float])]) throws(NeuralError) {
    for parameter in parameters {
      guard let found = weights[parameter.name] else {
        throw .foreignWeights(reason: "there is no \(parameter.name)")
      }
      guard found.shape == parameter.shape else {
        throw .foreignWeights(
          reason: "\(parameter.name) has the shape \(found.shape), not \(parameter.shape)")
      }
      parameter.values.replace(with: found.values)
    }
  }
}

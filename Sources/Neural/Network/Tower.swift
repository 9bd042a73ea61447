import Foundation
import Randomness

/// The network that turns an image into an embedding.
///
/// A twin network is one tower used for both sides, with one set of weights.
///
/// The number of rows is fixed, so all memory is allocated once.
public final class Tower {
  /// The description of one layer, for `train describe`.
  public struct Description: Sendable, Equatable {
    /// The layer's name.
    public let name: String
    /// The shape of one row of its output.
    public let output: ActivationShape
    /// Number of weights.
    public let parameters: Int
    /// Number of trainable weights.
    public let trainable: Int
    /// Number of multiply-add operations per row.
    public let multiplyAdds: Int
  }

  /// Number of rows of every pass.
  public let rows: Int
  /// The shape of one row of the input.
  public let inputShape: ActivationShape
  /// Length of an embedding.
  public let embeddingLength: Int
  /// All trained parameters, in the order of the layers.
  public let parameters: [Parameter]
  /// The descriptions of the layers, in order.
  public let descriptions: [Description]
  /// The input, `[rows] + inputShape`, to be filled before ``forward(_:)``.
  public let input: FloatBuffer
  /// The embeddings of the last forward pass, `[rows, embeddingLength]`.
  public var embeddings: FloatBuffer { chain.output(of: input) }

  let chain: LayerChain
  private let resources: NetworkResources

  /// The methods of the convolutions.
  public var convolutions: ConvolutionChoices { resources.choices }

  /// The measured times of convolutions by the position of their layer; none unless the choice was
  /// measured and the convolution is large.
  public var convolutionTimes: [String: ConvolutionTimes] { resources.times }

  /// The precision of the images between layers: the one given at creation, unless no layer
  /// computes in it.
  public var precision: Precision { chain.computingPrecision }

  /// Builds the layers in order.
  ///
  /// - Parameters:
  ///   - specifications: the layers, from input to output.
  ///   - inputShape: the shape of one row of the input.
  ///   - rows: the number of rows of every pass.
  ///   - seed: the seed of the initial weights.
  ///   - isTrainable: whether memory for a backward pass is allocated and initial weights are
  ///     drawn. A tower for inference only gets its weights from ``load(_:)``.
  ///   - precision: the precision of the images between layers and of the factors of products.
  ///   - keepsLayersApart: whether layers are never fused, for ``output(ofLayer:row:)`` and
  ///     ``inputGradient(embeddingGradient:)``.
  ///   - drawsWeights: whether the initial weights of a trainable tower are drawn; they are 0
  ///     otherwise.
  ///   - convolution: how the methods of convolutions are chosen.
  ///   - frozenLayers: the number of first layers that keep their weights: they compute as in
  ///     inference and get no gradients.
  ///   - share: the rows of a step that this process computes.
  /// - Throws: ``NeuralError`` that names the layer that cannot be built.
  public init(
    _ specifications: [LayerSpecification], input inputShape: ActivationShape, rows: Int,
    seed: Int, isTrainable: Bool, precision: Precision = .float32, keepsLayersApart: Bool = false,
    drawsWeights: Bool = true, convolution: ConvolutionPolicy = .direct, frozenLayers: Int = 0,
    share: RankShare = .whole
  ) throws(NeuralError) {
    try Self.checkMemory(specifications, input: inputShape, rows: rows, precision)
    resources = NetworkResources(convolution, share: share)
    let context = LayerContext(
      input: inputShape, rows: rows, seed: seed, isTrainable: isTrainable, precision: precision,
      keepsLayersApart: keepsLayersApart, needsInputGradient: keepsLayersApart,
      drawsWeights: drawsWeights, frozenLayers: frozenLayers, resources: resources)
    chain = try LayerChain(
      specifications, input: inputShape, context: context, outputPrecision: .float32)
    guard case .features(let length) = chain.outputShape else {
      throw .badOption(what: "tower", reason: "its last layer must give features: add flatten")
    }
    self.rows = rows
    self.inputShape = inputShape
    descriptions = zip(specifications, chain.layers.flatMap(\.parts)).map { specification, part in
      Description(
        name: specification.name, output: part.outputShape,
        parameters: part.parameters.reduce(0) { $0 + $1.count },
        trainable: part.parameters.reduce(0) { $0 + ($1.isTrainable ? $1.count : 0) },
        multiplyAdds: part.multiplyAdds)
    }
    embeddingLength = length
    parameters = chain.parameters
    input = FloatBuffer(count: rows * inputShape.count)
    freeze(layers: frozenLayers)
  }

  /// Throws if the machine does not have the memory for the activations of this number of rows.
  private static func checkMemory(
    _ specifications: [LayerSpecification], input: ActivationShape, rows: Int,
    _ precision: Precision
  ) throws(NeuralError) {
    var shape: ActivationShape? = input
    var count = input.count
    for specification in specifications {
      shape = shape.flatMap { specification.outputShape(for: $0) }
      count += shape?.count ?? 0
    }
    let (bytes, memory) = (
      Double(count) * Double(rows) * Double(precision.bytes), ProcessInfo.processInfo.physicalMemory
    )
    guard bytes <= Double(memory) else {
      throw .badOption(
        what: "tower",
        reason: "\(rows) rows of \(input) have \(Int(bytes / 1e9)) GB of activations and this "
          + "machine has \(memory / 1_000_000_000) GB: take fewer rows or a smaller input")
    }
  }

  /// Number of bytes used in training in addition to weights, their gradients and the optimiser's
  /// memory: activations and their gradients, including the input and the gradient of the
  /// embeddings, and the working memory of the layers.
  public var activationBytes: Int {
    chain.trainingBytes + chain.sharedBytes + resources.arena.bytes + 4 * rows
      * (inputShape.count + embeddingLength)
  }

  /// Number of bytes of ``activationBytes`` for spectra, transformed kernels and the working memory of
  /// transforms.
  public var transformBytes: Int { resources.transformBytes + resources.arena.bytes }

  /// The seconds that one layer takes for all rows.
  public struct Timing: Sendable {
    /// The time to compute its output.
    public let forward: Double
    /// The time to compute the gradients of its weights and, except for the first layer, of its
    /// input.
    public let backward: Double
  }

  /// Measures the time of every layer on random input: the minimum of `repeats` repeats.
  ///
  /// A layer that is fused with the layer below has a time of 0. Running means change.
  ///
  /// - Precondition: the tower is trainable.
  public func time(repeats: Int) throws(NeuralError) -> [Timing] {
    var random = RandomStream(seed: 0, "timing")
    input.replace(with: (0..<input.count).map { _ in Float(random.uniform()) })
    try forward(.training(seed: 0, step: 0))
    let gradient = FloatBuffer(
      (0..<embeddings.count).map { _ in Float(random.uniform() - 0.5) })
    let times = try chain.time(input, outputGradient: gradient, repeats: repeats)
    var timings: [Timing] = []
    // The time of a conversion is added to the layer that needs it.
    var conversion = (forward: 0.0, backward: 0.0)
    for (layer, time) in zip(chain.layers, times) {
      conversion = (
        conversion.forward + time.forward, conversion.backward + time.backward
      )
      guard !layer.parts.isEmpty else { continue }
      timings.append(Timing(forward: conversion.forward, backward: conversion.backward))
      timings += layer.parts.dropFirst().map { _ in Timing(forward: 0, backward: 0) }
      conversion = (0, 0)
    }
    return timings
  }

  /// Keeps the weights of the first `layers` layers of the network's file as they are.
  private func freeze(layers: Int) {
    var first = 0
    for layer in chain.layers {
      // A layer that replaces several of the file does not cross the end of the frozen ones.
      guard first < layers else { break }
      first += layer.parts.count
      chain.frozen += 1
    }
  }

  /// The parameters outside the frozen layers.
  public var trainedParameters: [Parameter] {
    chain.layers.dropFirst(chain.frozen).flatMap(\.parameters)
  }

  /// The name of the first layer whose output of the last forward pass has a value that is NaN or
  /// infinite, as "layer 3, dense"; `nil` if there is none.
  public func firstFault() -> String? {
    var index = 0
    for (layer, output) in zip(chain.layers, chain.activations) {
      let names = descriptions[index..<index + layer.parts.count].map(\.name)
      guard output.values.allSatisfy(\.isFinite) else {
        return "layer \(index), \(names.joined(separator: " and "))"
      }
      index += layer.parts.count
    }
    return nil
  }

  /// Computes ``embeddings``.
  ///
  /// - Parameters:
  ///   - pass: whether the pass trains.
  ///   - input: the input, `[rows] + inputShape`; ``input`` by default.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  public func forward(_ pass: Pass, input: FloatBuffer? = nil) throws(NeuralError) {
    try chain.forward(input ?? self.input, pass)
  }

  /// Computes the gradient of every parameter from the gradient of the embeddings, after a forward
  /// pass.
  ///
  /// - Parameters:
  ///   - embeddingGradient: `[rows, embeddingLength]`; may be overwritten.
  ///   - pass: the pass given to the forward pass.
  ///   - input: the input given to the forward pass.
  ///   - finished: called with the parameters of a layer as soon as their gradients are computed, from
  ///     the last layer to the first.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  /// - Precondition: the tower is trainable.
  public func backward(
    embeddingGradient: FloatBuffer, _ pass: Pass, input: FloatBuffer? = nil,
    finished: ([Parameter]) -> Void = { _ in }
  ) throws(NeuralError) {
    try chain.backward(
      input: input ?? self.input, outputGradient: embeddingGradient, inputGradient: nil, pass,
      finished: finished)
  }
}

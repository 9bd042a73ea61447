import Foundation
import Randomness

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
    /// How many of them training moves.
    public let trainable: Int
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
  public var embeddings: FloatBuffer { chain.output(of: input) }

  private let chain: LayerChain

  /// What the images between layers are made of: the precision it was built with, unless no layer
  /// computes in that.
  public var precision: Precision { chain.computingPrecision }

  /// Builds the layers over each other.
  ///
  /// - Parameters:
  ///   - specifications: the layers, the one at the input first.
  ///   - inputShape: what one row of the input is.
  ///   - rows: how many rows every pass has.
  ///   - seed: what the first weights are drawn from.
  ///   - isTrainable: whether memory for a backward pass is planned and first weights are drawn; a
  ///     tower that only infers gets its weights by ``load(_:)``.
  ///   - precision: what convolutions compute in and images between layers are made of.
  /// - Throws: ``NeuralError`` that names the layer which cannot be built.
  public init(
    _ specifications: [LayerSpecification], input inputShape: ActivationShape, rows: Int,
    seed: Int, isTrainable: Bool, precision: Precision = .float32
  ) throws(NeuralError) {
    try Self.checkMemory(specifications, input: inputShape, rows: rows, precision)
    let context = LayerContext(
      input: inputShape, rows: rows, seed: seed, isTrainable: isTrainable, precision: precision)
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
  }

  /// Refuses rows whose activations the machine has no memory for.
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

  /// How many bytes a training has beside weights, their gradients and the optimiser's memory:
  /// activations and their gradients, the input and the embeddings' gradient with them, and what
  /// layers work in.
  public var activationBytes: Int {
    chain.trainingBytes + chain.sharedBytes + 4 * rows * (inputShape.count + embeddingLength)
  }

  /// The seconds one layer takes over all rows.
  public struct Timing: Sendable {
    /// Its output.
    public let forward: Double
    /// The gradients of its weights and, but for the first layer, of its input.
    public let backward: Double
  }

  /// Times every layer over random numbers, the shortest of some times.
  ///
  /// A layer that is one with the layer below takes no time of its own. Running means move on the way.
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
    // What changes from one kind of numbers to the other counts with the layer it is done for.
    var cast = (forward: 0.0, backward: 0.0)
    for (layer, time) in zip(chain.layers, times) {
      cast = (cast.forward + time.forward, cast.backward + time.backward)
      guard !layer.parts.isEmpty else { continue }
      timings.append(Timing(forward: cast.forward, backward: cast.backward))
      timings += layer.parts.dropFirst().map { _ in Timing(forward: 0, backward: 0) }
      cast = (0, 0)
    }
    return timings
  }

  /// Computes ``embeddings`` from ``input``.
  public func forward(_ pass: Pass) throws(NeuralError) {
    try chain.forward(input, pass)
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
    try chain.backward(
      input: input, outputGradient: embeddingGradient, inputGradient: nil, pass)
  }
}

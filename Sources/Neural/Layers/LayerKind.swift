import Configuration

/// What the input of a layer must be made of.
enum LayerInputPrecision {
  /// Whatever the layer below gives.
  case any
  /// What the network computes in.
  case network
  /// 32-bit floats.
  case float32
}

/// A kind of layer with its options, as a network's file has it: `dense: {units: 50}`.
///
/// ``LayerKinds`` lists all kinds.
protocol LayerKind: Codable, Equatable, Sendable {
  /// The name in a network's file.
  static var name: String { get }
  /// The names of its options; `nil` for a kind that takes something else than options.
  static var optionNames: [String]? { get }
  /// What its input must be made of.
  var inputPrecision: LayerInputPrecision { get }

  /// The shape of one row of the output; `nil` when the input does not fit.
  ///
  /// Nothing is built: this is how the smallest input is found that a network takes.
  func outputShape(for input: ActivationShape) -> ActivationShape?

  /// Builds the layer.
  ///
  /// - Throws: ``NeuralError`` when the input does not fit or an option has no meaning.
  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer
}

extension LayerKind {
  /// Reads the options under the name of this kind.
  static func read(_ named: NamedOptions) throws -> Self {
    if let optionNames { try named.check(optionNames) }
    return try named.value(Self.self)
  }

  func isEqual(to other: any LayerKind) -> Bool {
    (other as? Self) == self
  }
}

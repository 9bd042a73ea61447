import Configuration

/// A layer as described in a network's file: one key, the name of its kind, with its options as the
/// value.
public struct LayerSpecification: Codable, Equatable, Sendable {
  /// The kind with its options.
  let kind: any LayerKind

  init(_ kind: any LayerKind) { self.kind = kind }

  /// The name in a network's file.
  public var name: String { type(of: kind).name }

  /// Returns true if both have the same kind and the same options.
  public static func == (left: LayerSpecification, right: LayerSpecification) -> Bool {
    left.kind.isEqual(to: right.kind)
  }

  /// Decodes a layer.
  ///
  /// - Throws: `DecodingError` for an unknown name or option; it suggests the most similar one.
  public init(from decoder: any Decoder) throws {
    kind = try NamedKinds.decode("layer", from: decoder, as: (any LayerKind).self)
  }

  /// Encodes the layer in the format that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    try kind.encodeNamed(to: encoder)
  }

  /// The shape of one row of the layer's output; `nil` if the input does not fit.
  func outputShape(for input: ActivationShape) -> ActivationShape? {
    kind.outputShape(for: input)
  }

  /// The shape of the last layer's output; `nil` if an input does not fit.
  static func outputShape(
    of layers: [LayerSpecification], for input: ActivationShape
  ) -> ActivationShape? {
    layers.reduce(input) { shape, layer in shape.flatMap { layer.outputShape(for: $0) } }
  }
}

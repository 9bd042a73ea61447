import Configuration

/// A head that compares two embeddings instead of their distance.
public enum ScoringHead: String, Codable, Sendable, Equatable, CaseIterable {
  /// A weighted sum of the absolute differences, with a bias: the logit of both being of the same
  /// person.
  ///
  /// Source: Koch, Zemel and Salakhutdinov, 2015, section 3.1.
  case weightedDifference = "weighted-difference"

  /// Number of weights for embeddings of the given length.
  public func parameters(embeddingLength: Int) -> Int {
    switch self {
    case .weightedDifference: embeddingLength + 1
    }
  }

  /// Decodes a head.
  ///
  /// - Throws: `DecodingError` for an unknown name; it suggests the most similar one.
  public init(from decoder: any Decoder) throws {
    let (name, named) = try NamedOptions.read("head", Self.self, from: decoder)
    _ = try named.options(NoOptions.self)
    self = name
  }

  /// Encodes the head in the format that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyCodingKey.self)
    try container.encode(NoOptions(), forKey: AnyCodingKey(stringValue: rawValue))
  }
}

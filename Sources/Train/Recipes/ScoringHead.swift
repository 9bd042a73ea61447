import Configuration

/// What compares two embeddings where their distance does not.
public enum ScoringHead: String, Codable, Sendable, Equatable, CaseIterable {
  /// A weighted sum of the absolute differences, with a bias: the logit that both are one person.
  ///
  /// Source: Koch, Zemel and Salakhutdinov, 2015, section 3.1.
  case weightedDifference = "weighted-difference"

  /// How many weights it has over embeddings of this length.
  public func parameters(embeddingLength: Int) -> Int {
    switch self {
    case .weightedDifference: embeddingLength + 1
    }
  }

  /// Reads a head.
  ///
  /// - Throws: `DecodingError` that names the nearest one when there is none of that name.
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

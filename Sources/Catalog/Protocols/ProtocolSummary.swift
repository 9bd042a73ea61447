/// A protocol without its samples and pairs.
public struct ProtocolSummary: Sendable, Equatable {
  /// Its name.
  public let name: String
  /// The kind of protocol.
  public let kind: String
  /// The parameters of the protocol, as JSON.
  public let specification: String
  /// Number of samples in each part.
  public let members: [Part: Int]
  /// Number of genuine and impostor pairs in each part.
  public let pairs: [Part: (genuine: Int, impostor: Int)]

  /// Returns true if both have the same name and specification.
  public static func == (left: ProtocolSummary, right: ProtocolSummary) -> Bool {
    left.name == right.name && left.specification == right.specification
  }
}

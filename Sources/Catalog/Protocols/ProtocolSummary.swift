/// A protocol without its samples and pairs.
public struct ProtocolSummary: Sendable, Equatable {
  /// Its name.
  public let name: String
  /// What made it.
  public let kind: String
  /// How it was made, as JSON.
  public let specification: String
  /// How many samples each part has.
  public let members: [Part: Int]
  /// How many genuine and impostor pairs each part has.
  public let pairs: [Part: (genuine: Int, impostor: Int)]

  /// Whether both were made the same way under one name.
  public static func == (left: ProtocolSummary, right: ProtocolSummary) -> Bool {
    left.name == right.name && left.specification == right.specification
  }
}

/// How many pairs of duplicates there are.
public struct DuplicateCount: Sendable, Equatable, Codable {
  /// Pairs of one identity.
  public let within: Int
  /// Pairs of two identities.
  public let across: Int
}

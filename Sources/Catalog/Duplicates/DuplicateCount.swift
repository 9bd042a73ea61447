/// Number of pairs of duplicates.
public struct DuplicateCount: Sendable, Equatable, Codable {
  /// Pairs within one identity.
  public let within: Int
  /// Pairs across two identities.
  public let across: Int
}

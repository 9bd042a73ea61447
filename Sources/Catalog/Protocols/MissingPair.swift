/// A listed pair of which at least one sample is not in the store.
public struct MissingPair: Sendable, Equatable, Codable {
  /// Its number within fold and role, from 1; the other pairs keep their numbers.
  public let number: Int
  /// Whether the list says that both show the same identity.
  public let genuine: Bool
  /// The first file.
  public let left: String
  /// The second file.
  public let right: String

  /// Creates a missing pair.
  public init(number: Int, genuine: Bool, left: String, right: String) {
    self.number = number
    self.genuine = genuine
    self.left = left
    self.right = right
  }
}

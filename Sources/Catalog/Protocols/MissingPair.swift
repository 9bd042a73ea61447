/// A pair of a protocol's list whose samples are not both in the store.
public struct MissingPair: Sendable, Equatable, Codable {
  /// Its number within fold and role, from 1; the pairs around it keep theirs.
  public let number: Int
  /// Whether both are said to show the same identity.
  public let genuine: Bool
  /// The first file.
  public let left: String
  /// The second file.
  public let right: String

  /// A pair that cannot be compared.
  public init(number: Int, genuine: Bool, left: String, right: String) {
    self.number = number
    self.genuine = genuine
    self.left = left
    self.right = right
  }
}

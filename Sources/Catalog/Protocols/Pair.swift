/// A comparison of two samples.
public struct Pair: Sendable, Equatable, Hashable {
  /// The id of the first sample.
  public let left: Int
  /// The id of the second sample.
  public let right: Int
  /// Whether both show the same identity.
  public let genuine: Bool

  /// Creates a pair of sample ids.
  public init(left: Int, right: Int, genuine: Bool) {
    self.left = left
    self.right = right
    self.genuine = genuine
  }
}

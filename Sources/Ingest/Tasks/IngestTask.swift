/// The share of the shards that a run makes.
public struct IngestTask: Sendable, Equatable {
  /// The index of the share, from 0.
  public let index: Int
  /// Number of shares.
  public let count: Int

  /// Creates share `index` of `count`; `nil` unless 0 <= index < count.
  public init?(index: Int, count: Int) {
    guard index >= 0, index < count else { return nil }
    self.index = index
    self.count = count
  }
}

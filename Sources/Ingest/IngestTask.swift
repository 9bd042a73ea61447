/// Which share of the shards a run makes.
public struct IngestTask: Sendable, Equatable {
  /// Which share, from 0.
  public let index: Int
  /// How many shares there are.
  public let count: Int

  /// Share `index` of `count`; `nil` unless 0 <= index < count.
  public init?(index: Int, count: Int) {
    guard index >= 0, index < count else { return nil }
    self.index = index
    self.count = count
  }
}

/// A finished shard, for its row.
public struct ShardRecord: Sendable, Equatable {
  /// Its place in the store.
  public let number: Int
  /// The dataset its samples come from.
  public let dataset: String
  /// SHA-256 of the file.
  public let sha256: String
  /// The length of the file.
  public let byteCount: Int
  /// How many samples it holds.
  public let samples: Int
  /// How many source files were rejected while it was made.
  public let rejections: Int

  /// A shard's row.
  public init(
    number: Int, dataset: String, sha256: String, byteCount: Int, samples: Int, rejections: Int
  ) {
    self.number = number
    self.dataset = dataset
    self.sha256 = sha256
    self.byteCount = byteCount
    self.samples = samples
    self.rejections = rejections
  }
}

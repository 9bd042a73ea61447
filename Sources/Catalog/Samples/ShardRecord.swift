/// The catalog row of a finished shard.
public struct ShardRecord: Sendable, Equatable {
  /// The number of the shard in the store.
  public let number: Int
  /// The dataset that the samples come from.
  public let dataset: String
  /// SHA-256 of the file.
  public let sha256: String
  /// The length of the file in bytes.
  public let byteCount: Int
  /// Number of samples.
  public let samples: Int
  /// Number of source files rejected while the shard was made.
  public let rejections: Int

  /// Creates a shard's row.
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

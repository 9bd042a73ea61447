/// The samples of one shard, read without copying.
public struct ShardReader: Sendable {
  /// The shape of every sample.
  public let shape: SampleShape
  /// Number of samples.
  public let count: Int
  /// The shard's text metadata.
  public var metadata: [String: String] { file.header.metadata }

  /// The length of the file in bytes.
  public var byteCount: Int { file.withFile(\.count) }

  private let file: SafetensorsFile

  /// Opens the shard at `path` and checks that it contains images.
  public init(path: String) throws(ShardError) {
    file = try SafetensorsFile(path: path)
    (shape, count) = try file.header.images(path: path)
  }

  /// Calls `body` with the sample in row `row`, `[height, width, channel]`, valid during the call.
  ///
  /// - Precondition: `row` is in `0..<count`.
  public func withSample<Result>(
    _ row: Int, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(ShardError) -> Result {
    precondition((0..<count).contains(row), "row \(row) of a shard of \(count)")
    let size = shape.byteCount
    return try file.withTensor(ShardWriter.tensorName) {
      body(UnsafeRawBufferPointer(rebasing: $0[row * size..<(row + 1) * size]))
    }
  }

  /// Returns the SHA-256 of the whole file, in lower-case hexadecimal.
  public func sha256() -> String {
    file.withFile { Digest.sha256($0) }
  }
}

import Foundation

/// The shape of every sample in a shard: 8-bit, row-major, channels interleaved.
public struct SampleShape: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The height in pixels.
  public let height: Int
  /// The width in pixels.
  public let width: Int
  /// 1 for gray, 3 for RGB.
  public let channels: Int

  /// Creates a shape of `height` x `width` pixels.
  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// The size of one sample in bytes.
  public var byteCount: Int { height * width * channels }

  /// The shape in the user's notation, width first, as "46x56 gray".
  public var description: String {
    "\(width)x\(height) \(channels == 1 ? "gray" : "RGB")"
  }
}

/// Writes a shard in runs of samples, in any order.
///
/// Memory does not grow with the shard, and several threads can write at once. The header has
/// reserved space for `capacity` samples and is written last. The file appears under its name only
/// after ``finish(keeping:)``.
public struct ShardWriter: ~Copyable, Sendable {
  /// The name of the tensor that holds the samples.
  public static let tensorName = "images"

  private let file: DurableFile
  private let shape: SampleShape
  private let metadata: [String: String]
  private let capacity: Int
  private let dataOffset: Int
  private let path: String

  /// The properties of a finished shard, for its row in the catalog.
  public struct Finished: Sendable, Equatable {
    /// SHA-256 of the whole file, in lower-case hexadecimal.
    public let sha256: String
    /// The length of the file in bytes.
    public let byteCount: Int
    /// Number of samples.
    public let count: Int
  }

  /// Creates a shard for at most `capacity` samples.
  public init(
    path: String, shape: SampleShape, capacity: Int, metadata: [String: String]
  ) throws(ShardError) {
    self.path = path
    self.shape = shape
    self.capacity = capacity
    self.metadata = metadata
    dataOffset = Self.header(shape: shape, count: capacity, metadata: metadata).encoded().count
    file = try DurableFile(path: path)
  }

  private static func header(
    shape: SampleShape, count: Int, metadata: [String: String]
  ) -> SafetensorsHeader {
    let images = TensorDescription(
      type: .uint8, shape: [count, shape.height, shape.width, shape.channels], offset: 0)
    return SafetensorsHeader(metadata: metadata, tensors: [tensorName: images])
  }

  /// Writes consecutive samples, each `[height, width, channel]`, starting at `slot`.
  ///
  /// - Precondition: `samples` contains whole samples, and the shard has enough slots.
  public borrowing func write(_ samples: [UInt8], at slot: Int) throws(ShardError) {
    let count = samples.count / shape.byteCount
    precondition(count * shape.byteCount == samples.count, "samples have \(shape.byteCount) bytes")
    precondition(slot >= 0 && slot + count <= capacity, "a shard has \(capacity) slots")
    try file.write(samples, at: dataOffset + slot * shape.byteCount)
  }

  /// Closes the gaps between runs, writes the header, flushes the file and renames it to its final
  /// name.
  ///
  /// Nothing can be written afterwards.
  ///
  /// - Parameter runs: the slots that hold samples, ascending.
  /// - Returns: the digest, length and sample count of the file.
  /// - Throws: ``ShardError`` if a system call fails.
  public borrowing func finish(keeping runs: [Range<Int>]) throws(ShardError) -> Finished {
    var count = 0
    for run in runs {
      precondition(run.lowerBound >= count && run.upperBound <= capacity, "runs ascend")
      if run.lowerBound > count {
        try file.moveForward(
          from: dataOffset + run.lowerBound * shape.byteCount,
          to: dataOffset + count * shape.byteCount, count: run.count * shape.byteCount)
      }
      count += run.count
    }
    let header = Self.header(shape: shape, count: count, metadata: metadata)
      .encoded(paddedTo: dataOffset)
    let byteCount = dataOffset + count * shape.byteCount
    try file.write(header, at: 0)
    try file.truncate(to: byteCount)
    let written = try SafetensorsFile(path: file.unfinishedPath)
    let sha256 = written.withFile { Digest.sha256($0) }
    try file.commit()
    return Finished(sha256: sha256, byteCount: byteCount, count: count)
  }
}

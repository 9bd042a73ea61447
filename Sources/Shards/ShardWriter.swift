import Foundation

/// The shape of every sample in a shard: 8-bit, row-major, channels interleaved.
public struct SampleShape: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Rows of pixels.
  public let height: Int
  /// Pixels in a row.
  public let width: Int
  /// 1 for gray, 3 for RGB.
  public let channels: Int

  /// A shape of `height` x `width` pixels.
  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// The bytes of one sample.
  public var byteCount: Int { height * width * channels }

  /// As users write it: width first, as "46x56 gray".
  public var description: String {
    "\(width)x\(height) \(channels == 1 ? "gray" : "RGB")"
  }
}

/// Writes one shard sample by sample, so that memory does not grow with the shard.
///
/// The header is reserved for `capacity` samples and written last; the file appears under its name
/// only in ``finish()``.
public struct ShardWriter: ~Copyable {
  /// The name of the tensor that holds the samples.
  public static let tensorName = "images"

  private let file: DurableFile
  private let shape: SampleShape
  private let metadata: [String: String]
  private let capacity: Int
  private let dataOffset: Int
  private let path: String
  /// How many samples are in the shard so far.
  public private(set) var count = 0

  /// What a finished shard is, for its row in the catalog.
  public struct Finished: Sendable, Equatable {
    /// SHA-256 of the whole file, in lower-case hexadecimal.
    public let sha256: String
    /// The length of the file in bytes.
    public let byteCount: Int
    /// How many samples it holds.
    public let count: Int
  }

  /// Begins a shard of at most `capacity` samples.
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

  /// Adds one sample, `[height, width, channel]`.
  ///
  /// - Precondition: the bytes are as many as the shape has, and the shard is not full.
  public mutating func append(_ sample: [UInt8]) throws(ShardError) {
    precondition(sample.count == shape.byteCount, "a sample has \(shape.byteCount) bytes")
    precondition(count < capacity, "a shard has at most \(capacity) samples")
    try file.write(sample, at: dataOffset + count * shape.byteCount)
    count += 1
  }

  /// Writes the header, flushes the file and gives it its name.
  public consuming func finish() throws(ShardError) -> Finished {
    let header = Self.header(shape: shape, count: count, metadata: metadata)
      .encoded(paddedTo: dataOffset)
    let byteCount = dataOffset + count * shape.byteCount
    try file.write(header, at: 0)
    try file.truncate(to: byteCount)
    let written = try SafetensorsFile(path: file.unfinishedPath)
    let sha256 = written.withFile { Digest.sha256($0) }
    let finished = Finished(sha256: sha256, byteCount: byteCount, count: count)
    try file.commit()
    return finished
  }
}

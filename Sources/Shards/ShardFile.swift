import Foundation

/// A shard that is read with `pread` instead of a memory mapping, so that a truncated file or a
/// disk failure causes an error instead of ending the process.
///
/// A class because it owns the descriptor. It is immutable after `init`.
public final class ShardFile: Sendable {
  /// The shape of every sample.
  public let shape: SampleShape
  /// Number of samples.
  public let count: Int
  /// The shard's text metadata.
  public let metadata: [String: String]
  /// The length of the file in bytes.
  public let byteCount: Int

  private let path: String
  private let descriptor: FileDescriptor
  private let dataOffset: Int

  /// The digests of a complete shard.
  public struct Contents: Sendable, Equatable {
    /// SHA-256 of the file, in lower-case hexadecimal.
    public let sha256: String
    /// SHA-256 of the pixels of every sample, by row.
    public let samples: [String]
  }

  /// A descriptor that is closed with this object.
  private final class FileDescriptor: Sendable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close(number) }
  }

  /// Opens the shard at `path` and checks that it contains images.
  ///
  /// - Throws: ``ShardError`` if it cannot be opened or is malformed.
  public init(path: String) throws(ShardError) {
    self.path = path
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw .system(operation: "open", path: path, code: errno) }
    descriptor = FileDescriptor(number)
    var status = stat()
    guard fstat(number, &status) == 0 else {
      throw .system(operation: "fstat", path: path, code: errno)
    }
    byteCount = Int(status.st_size)
    let header: SafetensorsHeader
    (header, dataOffset) = try SafetensorsHeader.read(byteCount: byteCount, path: path) {
      count, offset throws(ShardError) in try Self.read(count, at: offset, number, path)
    }
    (shape, count) = try header.images(path: path)
    metadata = header.metadata
  }

  /// Reads the sample in row `row`, `[height, width, channel]`.
  ///
  /// - Precondition: `row` is in `0..<count`.
  public func sample(_ row: Int) throws(ShardError) -> [UInt8] {
    precondition((0..<count).contains(row), "row \(row) of a shard of \(count)")
    let size = shape.byteCount
    return try Self.read(size, at: dataOffset + row * size, descriptor.number, path)
  }

  /// Reads the sample in row `row` to `target`, which has room for ``SampleShape/byteCount`` bytes.
  ///
  /// - Throws: ``ShardError``; also if the file became shorter since it was opened.
  /// - Precondition: `row` is in `0..<count`.
  public func read(_ row: Int, to target: UnsafeMutablePointer<UInt8>) throws(ShardError) {
    precondition((0..<count).contains(row), "row \(row) of a shard of \(count)")
    let size = shape.byteCount
    try Self.read(
      size, at: dataOffset + row * size, to: UnsafeMutableRawPointer(target), descriptor.number,
      path)
  }

  /// Reads the whole file once, in pieces, and returns its SHA-256 in lower-case hexadecimal.
  public func sha256() throws(ShardError) -> String {
    var whole = Digest.Running()
    for start in stride(from: 0, to: byteCount, by: Self.pieceSize) {
      let piece = try Self.read(
        min(Self.pieceSize, byteCount - start), at: start, descriptor.number, path)
      piece.withUnsafeBytes { whole.update($0) }
    }
    return whole.finalize()
  }

  /// What identifies the state of a file: its length, its inode and the time of its last change.
  public struct Stamp: Sendable, Equatable {
    fileprivate let byteCount: Int64
    fileprivate let inode: UInt64
    fileprivate let seconds: Int
    fileprivate let nanoseconds: Int
  }

  /// The current state of the file.
  public func stamp() throws(ShardError) -> Stamp {
    var status = stat()
    guard fstat(descriptor.number, &status) == 0 else {
      throw .system(operation: "fstat", path: path, code: errno)
    }
    return Stamp(
      byteCount: Int64(status.st_size), inode: UInt64(status.st_ino),
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }

  /// Reads the whole file once, in pieces, and hashes the file and every sample.
  public func contents() throws(ShardError) -> Contents {
    var whole = Digest.Running()
    let header = try Self.read(dataOffset, at: 0, descriptor.number, path)
    header.withUnsafeBytes { whole.update($0) }
    let size = shape.byteCount
    let rowsAtOnce = max(1, Self.pieceSize / max(size, 1))
    var samples: [String] = []
    samples.reserveCapacity(count)
    for first in stride(from: 0, to: count, by: rowsAtOnce) {
      let rows = min(rowsAtOnce, count - first)
      let piece = try Self.read(
        rows * size, at: dataOffset + first * size, descriptor.number, path)
      piece.withUnsafeBytes { bytes in
        whole.update(bytes)
        for row in 0..<rows {
          samples.append(
            Digest.sha256(UnsafeRawBufferPointer(rebasing: bytes[row * size..<(row + 1) * size])))
        }
      }
    }
    return Contents(sha256: whole.finalize(), samples: samples)
  }

  /// Number of bytes held in memory at once while a whole file is read.
  private static let pieceSize = 1 << 20

  private static func read(
    _ count: Int, at offset: Int, _ descriptor: Int32, _ path: String
  ) throws(ShardError) -> [UInt8] {
    var failure: ShardError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      done = 0
      guard let start = buffer.baseAddress else { return }
      do throws(ShardError) {
        try read(count, at: offset, to: UnsafeMutableRawPointer(start), descriptor, path)
        done = count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  private static func read(
    _ count: Int, at offset: Int, to target: UnsafeMutableRawPointer, _ descriptor: Int32,
    _ path: String
  ) throws(ShardError) {
    var done = 0
    while done < count {
      let got = pread(descriptor, target + done, count - done, off_t(offset + done))
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else {
        throw .system(operation: "read", path: path, code: got < 0 ? errno : EIO)
      }
      done += got
    }
  }
}

extension SafetensorsHeader {
  /// Returns the shape and number of the samples of a shard.
  ///
  /// - Throws: ``ShardError`` if the file contains no images.
  func images(path: String) throws(ShardError) -> (shape: SampleShape, count: Int) {
    let name = ShardWriter.tensorName
    guard let images = tensors[name] else { throw .missingTensor(path: path, tensor: name) }
    guard images.type == .uint8, images.shape.count == 4, [1, 3].contains(images.shape[3]) else {
      throw .unexpectedTensor(
        path: path, tensor: name, expected: "U8 [N, height, width, 1 or 3]")
    }
    return (
      SampleShape(height: images.shape[1], width: images.shape[2], channels: images.shape[3]),
      images.shape[0]
    )
  }
}

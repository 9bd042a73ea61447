import Foundation

/// A safetensors file, mapped into memory and checked from end to end of its header.
///
/// A class because it owns the mapping, which readers on several threads share; nothing in it
/// changes after `init`.
public final class SafetensorsFile: Sendable {
  /// Where the file lies.
  public let path: String
  /// What the file says it holds.
  public let header: SafetensorsHeader

  private let mapping: Mapping
  private let dataOffset: Int

  /// Maps the file at `path`.
  ///
  /// - Throws: ``ShardError`` when it cannot be opened or is malformed in any way.
  public init(path: String) throws(ShardError) {
    self.path = path
    mapping = try Mapping(path: path)
    let mapping = mapping
    (header, dataOffset) = try SafetensorsHeader.read(byteCount: mapping.byteCount, path: path) {
      count, offset in mapping.withBytes { Array($0[offset..<offset + count]) }
    }
  }

  /// Lends the bytes of a tensor, row-major, for the time of the call.
  public func withTensor<Result>(
    _ name: String, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(ShardError) -> Result {
    guard let tensor = header.tensors[name] else {
      throw .missingTensor(path: path, tensor: name)
    }
    let range = tensor.bytes.lowerBound + dataOffset..<tensor.bytes.upperBound + dataOffset
    return mapping.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Lends every byte of the file.
  func withFile<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    mapping.withBytes(body)
  }
}

/// A file's bytes in memory, read only.
///
/// Safe to share: the pointer is written once in `init` and freed once in `deinit`, and the bytes are
/// only read.
private final class Mapping: @unchecked Sendable {
  private let start: UnsafeMutableRawPointer?
  let byteCount: Int

  init(path: String) throws(ShardError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(operation: "open", path: path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .system(operation: "fstat", path: path, code: errno)
    }
    byteCount = Int(status.st_size)
    if byteCount == 0 {
      start = nil
      return
    }
    let address = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0)
    guard let address, address != MAP_FAILED else {
      throw .system(operation: "mmap", path: path, code: errno)
    }
    start = address
  }

  deinit {
    if let start { munmap(start, byteCount) }
  }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    body(UnsafeRawBufferPointer(start: start, count: byteCount))
  }
}

import Foundation

/// A safetensors file, mapped into memory, with a fully checked header.
///
/// A class because it owns the mapping, which readers on several threads share. It is immutable
/// after `init`.
public final class SafetensorsFile: Sendable {
  /// The path of the file.
  public let path: String
  /// The parsed header.
  public let header: SafetensorsHeader

  private let mapping: Mapping
  private let dataOffset: Int

  /// Maps the file at `path`.
  ///
  /// - Throws: ``ShardError`` if it cannot be opened or is malformed.
  public init(path: String) throws(ShardError) {
    self.path = path
    mapping = try Mapping(path: path)
    let mapping = mapping
    (header, dataOffset) = try SafetensorsHeader.read(byteCount: mapping.byteCount, path: path) {
      count, offset in mapping.withBytes { Array($0[offset..<offset + count]) }
    }
  }

  /// Calls `body` with the bytes of a tensor, row-major; the bytes are valid during the call.
  public func withTensor<Result>(
    _ name: String, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(ShardError) -> Result {
    guard let tensor = header.tensors[name] else {
      throw .missingTensor(path: path, tensor: name)
    }
    let range = tensor.bytes.lowerBound + dataOffset..<tensor.bytes.upperBound + dataOffset
    return mapping.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Calls `body` with all bytes of the file; the bytes are valid during the call.
  func withFile<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    mapping.withBytes(body)
  }
}

/// A read-only memory mapping of a file.
///
/// It is safe to share: the pointer is set once in `init` and freed once in `deinit`, and the bytes
/// are only read.
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

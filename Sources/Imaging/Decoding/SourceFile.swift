import Catalog
import Foundation

/// A file of a dataset, read completely.
package enum SourceFile {
  /// The result of reading a file: its stamp for detecting later changes, and its bytes or the
  /// error.
  package struct Read {
    /// Length and modification time; `nil` if the file could not be opened.
    package let stamp: FileStamp?
    package let bytes: Result<[UInt8], ImageFailure>
  }

  /// Returns the length and modification time of the regular file at `path`; `nil` if there is
  /// none.
  ///
  /// Links are followed.
  package static func stamp(_ path: [CChar]) -> FileStamp? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return FileStamp(status)
  }

  /// Reads a regular file of at most `limit` bytes.
  package static func read(_ path: [CChar], limit: Int) -> Read {
    func failure(_ code: Int32, _ stamp: FileStamp? = nil) -> Read {
      Read(
        stamp: stamp,
        bytes: .failure(.init(reason: .unreadable, detail: String(cString: strerror(code)))))
    }
    // O_NONBLOCK: opening a pipe must not wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return Read(
        stamp: nil, bytes: .failure(.init(reason: .unreadable, detail: "not a regular file")))
    }
    let stamp = FileStamp(status)
    let size = stamp.bytes
    guard size <= limit else {
      return Read(
        stamp: stamp, bytes: .failure(.init(reason: .tooLarge, detail: "\(size) bytes")))
    }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { code = errno }
        if got <= 0 { break }
        count += got
      }
    }
    return code == 0 ? Read(stamp: stamp, bytes: .success(bytes)) : failure(code, stamp)
  }
}

extension FileStamp {
  init(_ status: stat) {
    self.init(
      bytes: Int(status.st_size),
      modified: Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec))
  }
}

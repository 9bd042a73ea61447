import Foundation

/// A file of a dataset, read whole.
enum SourceFile {
  /// The bytes of a regular file of at most `limit` bytes.
  static func read(_ path: [CChar], limit: Int) -> Result<[UInt8], ImageDecoder.Failure> {
    func failure(_ code: Int32) -> Result<[UInt8], ImageDecoder.Failure> {
      .failure(.init(reason: .unreadable, detail: String(cString: strerror(code))))
    }
    // O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return .failure(.init(reason: .unreadable, detail: "not a regular file"))
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      return .failure(.init(reason: .tooLarge, detail: "\(size) bytes"))
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
    return code == 0 ? .success(bytes) : failure(code)
  }
}

import Foundation

/// The exclusive right to write into a folder, held by one process at a time.
///
/// The kernel releases the lock when the process ends, however it ends, so no lock is ever stale. The
/// text in the file only tells others who holds it.
public struct FileLock: ~Copyable {
  /// Why a lock was not taken.
  public enum Failure: Error, Equatable, Sendable {
    /// Another process holds it; `holder` is what that process wrote, as "process 12 on host".
    case held(holder: String)
    /// A system call failed; `code` is its `errno`.
    case system(operation: String, code: Int32)
  }

  private let descriptor: Int32

  /// Takes the lock of the file at `path`, which is made where it is missing.
  ///
  /// - Throws: ``Failure``.
  public init(path: String) throws(Failure) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(operation: "open", code: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      // The descriptor is closed by `deinit`, which runs here too.
      guard code == EWOULDBLOCK else { throw .system(operation: "lock", code: code) }
      let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      throw .held(holder: holder.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let text = "process \(getpid()) on \(host)\n"
    _ = ftruncate(descriptor, 0)
    _ = text.withCString { write(descriptor, $0, strlen($0)) }
  }

  deinit {
    close(descriptor)
  }
}

import Foundation

/// An exclusive lock for writing to a folder, held by one process at a time.
///
/// The kernel releases the lock when the process ends for any reason, so a lock is never stale. The
/// text in the file only names the holder.
public struct FileLock: ~Copyable {
  /// The reason why a lock was not acquired.
  public enum Failure: Error, Equatable, Sendable {
    /// Another process holds the lock; `holder` is the text that it wrote, as "process 12 on host".
    case held(holder: String)
    /// A system call failed; `code` is its `errno`.
    case system(operation: String, code: Int32)
  }

  private let descriptor: Int32

  /// Locks the file at `path`, which is created if it does not exist.
  ///
  /// - Throws: ``Failure``.
  public init(path: String) throws(Failure) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(operation: "open", code: errno) }
    guard Self.locks(descriptor) else {
      let code = errno
      // `deinit` also runs in this case and closes the descriptor.
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

  /// Acquires the lock of an open file; returns false, with `errno`, if it cannot.
  ///
  /// ``isHeld(path:)`` of another process shares the lock for a moment. Then it is tried again.
  private static func locks(_ descriptor: Int32) -> Bool {
    for _ in 0..<200 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      guard errno == EWOULDBLOCK else { return false }
      // Shared, it is held by nobody who writes.
      guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return false }
      flock(descriptor, LOCK_UN)
      usleep(.random(in: 1_000...10_000))
    }
    errno = EWOULDBLOCK
    return false
  }

  /// Returns true if a process holds the lock of the file at `path`; it is neither made nor written.
  public static func isHeld(path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  deinit {
    close(descriptor)
  }
}

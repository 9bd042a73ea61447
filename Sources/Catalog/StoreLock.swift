import Foundation

/// The right to write into a store, held by one process at a time.
///
/// The kernel drops the lock when the process ends in whatever way, so none is ever stale; the text
/// in the file only tells others who holds it.
public struct StoreLock: ~Copyable {
  private let descriptor: Int32

  /// Takes the lock of the store.
  ///
  /// - Throws: ``CatalogError/locked(folder:holder:)`` when another process has it.
  public init(_ folder: StoreFolder) throws(CatalogError) {
    descriptor = open(folder.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .system(operation: "open", path: folder.lock, code: errno)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = (try? String(contentsOfFile: folder.lock, encoding: .utf8)) ?? ""
      // The descriptor is closed as everywhere by `deinit`, which runs here too.
      throw .locked(
        folder: folder.path, holder: holder.trimmingCharacters(in: .whitespacesAndNewlines))
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

import Shards

/// The lock for writing to a store, held by one process at a time.
public struct StoreLock: ~Copyable {
  private let lock: FileLock

  /// Acquires the lock of the store.
  ///
  /// - Throws: ``CatalogError/locked(folder:holder:)`` if another process holds it.
  public init(_ folder: StoreFolder) throws(CatalogError) {
    do throws(FileLock.Failure) { lock = try FileLock(path: folder.lock) } catch {
      switch error {
      case .held(let holder): throw .locked(folder: folder.path, holder: holder)
      case .system(let operation, let code):
        throw .system(operation: operation, path: folder.lock, code: code)
      }
    }
  }

  /// Returns true if a process is writing to the store.
  public static func isHeld(_ folder: StoreFolder) -> Bool { FileLock.isHeld(path: folder.lock) }
}

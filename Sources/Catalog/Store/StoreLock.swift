import Shards

/// The right to write into a store, held by one process at a time.
public struct StoreLock: ~Copyable {
  private let lock: FileLock

  /// Takes the lock of the store.
  ///
  /// - Throws: ``CatalogError/locked(folder:holder:)`` when another process has it.
  public init(_ folder: StoreFolder) throws(CatalogError) {
    do throws(FileLock.Failure) { lock = try FileLock(path: folder.lock) } catch {
      switch error {
      case .held(let holder): throw .locked(folder: folder.path, holder: holder)
      case .system(let operation, let code):
        throw .system(operation: operation, path: folder.lock, code: code)
      }
    }
  }

  /// Whether a process writes into the store now.
  public static func isHeld(_ folder: StoreFolder) -> Bool {
    do throws(FileLock.Failure) {
      _ = try FileLock(path: folder.lock)
      return false
    } catch {
      if case .held = error { return true }
      return false
    }
  }
}

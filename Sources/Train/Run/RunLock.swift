import Foundation
import Shards

/// A lock on a run's folder: only one process at a time may train in it.
///
/// A class because it is owned by a training, which is a class.
final class RunLock {
  private let lock: FileLock

  /// Acquires the lock.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - makesFolder: whether to create the folder if it is missing.
  /// - Throws: ``TrainError/runLocked(folder:holder:)`` if another process trains there.
  init(_ folder: RunFolder, makesFolder: Bool) throws {
    if makesFolder {
      do {
        try FileManager.default.createDirectory(
          atPath: folder.path, withIntermediateDirectories: true)
      } catch {
        throw ShardError.system(
          operation: "make the folder", path: folder.path, code: errno)
      }
    } else if !folder.exists {
      throw TrainError.noRun(folder: folder.path)
    }
    do throws(FileLock.Failure) { lock = try FileLock(path: folder.lock) } catch {
      switch error {
      case .held(let holder): throw TrainError.runLocked(folder: folder.path, holder: holder)
      case .system(let operation, let code):
        throw ShardError.system(operation: operation, path: folder.lock, code: code)
      }
    }
  }
}

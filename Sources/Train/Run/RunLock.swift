import Foundation
import Shards

/// The right to train in a run's folder, held by one process at a time.
///
/// A class because the training that holds it is one.
final class RunLock {
  private let lock: FileLock

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - makesFolder: whether it is made where it is missing.
  /// - Throws: ``TrainError/runLocked(folder:holder:)`` when another process trains there.
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

import Catalog
import Foundation
import Shards

/// A store opened for writing: its folders are created, its lock is held, and leftovers are
/// removed.
package struct StoreWriting: ~Copyable {
  package let catalog: Catalog
  private let lock: StoreLock
  /// The created folders, innermost first.
  private let madeFolders: [String]

  /// Opens the store, or creates an empty one.
  ///
  /// - Parameters:
  ///   - folder: the folder of the store.
  ///   - onWait: called once if a reader of the catalog blocks the opening or a commit.
  /// - Throws: ``MaintenanceError/lostCatalog(folder:)``, or an error of the catalog or the disk.
  package init(
    _ folder: StoreFolder, onWait: @escaping @Sendable () -> Void = {}
  ) throws {
    madeFolders = Self.missingFolders(of: folder.shards)
    try Self.makeFolder(folder.shards)
    let lock = try StoreLock(folder)
    guard folder.exists || Self.shardFiles(in: folder).isEmpty else {
      throw MaintenanceError.lostCatalog(folder: folder.path)
    }
    let catalog = try Catalog.openOrCreate(folder, onWait: onWait)
    try Self.removeLeftovers(in: folder, keeping: try catalog.shardNumbers())
    try ShardWipes.complete(catalog)
    try catalog.compactIfNeeded()
    self.catalog = catalog
    self.lock = lock
  }

  /// Opens a store for a change of its content.
  ///
  /// - Throws: ``MaintenanceError/partOfIngest(folder:)`` for one task's share of an ingest: a merge
  ///   would not know of the change.
  package static func whole(_ folder: StoreFolder) throws -> StoreWriting {
    let writing = try StoreWriting(folder)
    guard try writing.catalog.task() == nil else {
      writing.catalog.finishWriting()
      throw MaintenanceError.partOfIngest(folder: folder.path)
    }
    return writing
  }

  /// Removes files that this run created but did not commit.
  package borrowing func abandon() throws {
    try Self.removeLeftovers(in: catalog.folder, keeping: try catalog.shardNumbers())
  }

  /// Removes a store that was empty before this run, together with the folders created for it.
  package borrowing func remove() {
    let folder = catalog.folder
    for file in Self.shardFiles(in: folder) { unlink("\(folder.shards)/\(file)") }
    for file in folder.ownFiles { unlink(file) }
    for made in madeFolders { rmdir(made) }
  }

  /// Returns the missing folders of a path, innermost first.
  private static func missingFolders(of path: String) -> [String] {
    var missing: [String] = []
    var url = URL(fileURLWithPath: path)
    while url.path != "/", !FileManager.default.fileExists(atPath: url.path) {
      missing.append(url.path)
      url.deleteLastPathComponent()
    }
    return missing
  }

  /// Returns the files in `shards` that this project wrote, complete or incomplete.
  static func shardFiles(in folder: StoreFolder) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.shards)) ?? []
    return files.filter {
      $0.hasPrefix(DurableFile.temporaryPrefix) || $0.hasSuffix(StoreFolder.shardSuffix)
    }
  }

  /// Removes leftovers of an interrupted run from `shards`: files without a row in the catalog.
  private static func removeLeftovers(
    in folder: StoreFolder, keeping numbers: Set<Int>
  ) throws(ShardError) {
    let kept = Set(numbers.map(StoreFolder.shardName))
    for file in shardFiles(in: folder) where !kept.contains(file) {
      let path = "\(folder.shards)/\(file)"
      guard unlink(path) == 0 || errno == ENOENT else {
        throw .system(operation: "remove", path: path, code: errno)
      }
    }
  }

  private static func makeFolder(_ path: String) throws(ShardError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .system(operation: "make the folder", path: path, code: errno)
    }
  }
}

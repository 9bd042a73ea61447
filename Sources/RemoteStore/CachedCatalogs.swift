import Catalog
import Foundation

/// The catalogs of one store in a cache, one for each state that was read, in folders of their own.
enum CachedCatalogs {
  /// The time for which the catalog of another state is kept after its last opening, in seconds.
  private static let keeping = 24 * 3600

  /// Notes that a catalog was opened, and removes those of other states that were last opened a day
  /// ago or earlier.
  ///
  /// A process that has one of them open reads on: SQLite keeps the file open.
  static func removeOld(in cache: String, besides current: StoreFolder) {
    utimensat(AT_FDCWD, current.catalog, nil, 0)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? [] {
      let folder = StoreFolder(path: "\(cache)/\(name)")
      var status = stat()
      guard folder != current, stat(folder.catalog, &status) == 0,
        status.st_mtim.tv_sec <= time(nil) - keeping
      else { continue }
      try? FileManager.default.removeItem(atPath: folder.path)
    }
  }
}

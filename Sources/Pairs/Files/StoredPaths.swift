import Catalog
import Foundation

/// The samples of a store by the paths that a file of pairs may contain.
struct StoredPaths {
  private var ids: [String: [UTF8Key: Int]] = [:]
  private var roots: [String: String] = [:]
  /// The dataset's name if the store has only one.
  let onlyDataset: String?

  /// Reads the paths of every sample.
  ///
  /// - Throws: ``PairError/emptyStore`` if there are no samples.
  init(_ catalog: Catalog) throws {
    var ids: [String: [UTF8Key: Int]] = [:]
    try catalog.forEachImage { ids[$0.dataset, default: [:]][UTF8Key($0.path)] = $0.id }
    roots = try catalog.roots()
    guard !ids.isEmpty else { throw PairError.emptyStore }
    self.ids = ids
    onlyDataset = ids.count == 1 ? ids.keys.first : nil
  }

  /// The sample at a path: the path in the store, optionally with a leading `./`, or an absolute
  /// path inside the dataset's folder.
  func id(_ path: String, of dataset: String) -> Int? {
    guard let ids = ids[dataset] else { return nil }
    if let id = ids[UTF8Key(path)] { return id }
    var path = path[...]
    while path.hasPrefix("./") { path = path.dropFirst(2) }
    if path.hasPrefix("/"), let root = roots[dataset], path.hasPrefix(root + "/") {
      path = path.dropFirst(root.count + 1)
    }
    return ids[UTF8Key(path)]
  }
}

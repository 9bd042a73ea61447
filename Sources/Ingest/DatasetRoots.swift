import Catalog
import Foundation

/// Where datasets lie.
///
/// Paths in the store are relative to the first folder a dataset was taken from;
/// what comes from a further folder begins with the way from there.
enum DatasetRoots {
  /// Notes where the datasets of `scans` lie and gives every further folder its prefix.
  static func claim(
    _ scans: [SourceScan], in catalog: Catalog
  ) throws(IngestError) -> [SourceScan] {
    let stored = try onCatalog { () throws(CatalogError) in try catalog.roots() }
    let (placed, new) = try place(scans, stored: stored)
    try onCatalog { () throws(CatalogError) in
      for (name, root) in new { try catalog.addDataset(name, root: root) }
    }
    return placed
  }

  /// The scans with their prefixes, and where the datasets lie that are new or were moved.
  static func place(
    _ scans: [SourceScan], stored: [String: String]
  ) throws(IngestError) -> ([SourceScan], new: [String: String]) {
    var (roots, new) = (stored, [String: String]())
    var placed: [SourceScan] = []
    var seen: Set<String> = []
    for var scan in scans {
      let (name, root) = (scan.manifest.name, absolute(scan.root))
      // The same folder named twice is one folder.
      guard seen.insert("\(name)\u{0}\(root)").inserted else { continue }
      if let old = roots[name], old != root, FileManager.default.fileExists(atPath: old) {
        scan.prefix = try way(from: old, to: root, dataset: name)
      } else if roots[name] != root {
        roots[name] = root
        new[name] = root
      }
      placed.append(scan)
    }
    return (placed, new)
  }

  /// The relative path from one folder to another, with a slash at its end.
  static func way(from: String, to: String, dataset: String) throws(IngestError) -> String {
    let (old, new) = (from.split(separator: "/"), to.split(separator: "/"))
    let common = zip(old, new).prefix { $0 == $1 }.count
    // One inside the other: a file would have two paths.
    guard common < old.count, common < new.count else {
      throw .nestedRoots(dataset: dataset, stored: from, asked: to)
    }
    return String(repeating: "../", count: old.count - common)
      + new[common...].joined(separator: "/") + "/"
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}

import Catalog
import Datasets
import Foundation

/// Finds files that a store has from a folder and that no longer exist.
struct MissingFiles {
  private let catalog: Catalog
  private let scan: SourceScan

  init(_ scan: SourceScan, in catalog: Catalog) {
    self.scan = scan
    self.catalog = catalog
  }

  /// Returns the number of files that the store knows in this folder.
  func knownCount() throws(CatalogError) -> Int {
    try catalog.knownCount(
      dataset: scan.manifest.name, prefix: scan.prefix, pose: scan.pose)
  }

  /// Returns the number of missing files, and the first few names.
  func find() throws(CatalogError) -> CountedExamples {
    var missing = CountedExamples()
    var last = ""
    while true {
      let page = try catalog.knownPaths(
        dataset: scan.manifest.name, prefix: scan.prefix, pose: scan.pose, after: last,
        limit: Catalog.shardCapacity)
      guard let end = page.last else { return missing }
      for path in page where !exists(path) { missing.add(path) }
      last = end
    }
  }

  private func exists(_ path: String) -> Bool {
    // Compared by bytes: a name may start with a combining mark that would join the preceding
    // slash.
    let relative = String(decoding: path.utf8.dropFirst(scan.prefix.utf8.count), as: UTF8.self)
    return Self.spellings(relative).contains { bytes in
      var status = stat()
      let full = (Array(scan.root.utf8) + [0x2F] + bytes + [0]).map { CChar(bitPattern: $0) }
      return lstat(full, &status) == 0
    }
  }

  /// Returns the file names that a path may denote: the path itself or, if it contains %XX, the
  /// decoded bytes.
  static func spellings(_ path: String) -> [[UInt8]] {
    let bytes = Array(path.utf8)
    guard bytes.contains(UInt8(ascii: "%")) else { return [bytes] }
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        // %00 only distinguishes the text from the name of another file.
        if value != 0 { decoded.append(value) }
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    return [bytes, decoded]
  }
}

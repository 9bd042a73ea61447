import Foundation

/// Lists every file below a folder, sorted by the bytes of its path.
///
/// Links are followed; a folder that is its own ancestor is entered once.
enum FolderListing {
  /// The paths relative to `root`.
  static func files(below root: String) throws(IngestError) -> [String] {
    var status = stat()
    guard stat(root, &status) == 0 else { throw .missingRoot(path: root) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(path: root) }
    var files: [String] = []
    try visit(root, prefix: "", ancestors: [Place(status)], into: &files)
    files.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return files
  }

  /// The name as text.
  ///
  /// Bytes that are no UTF-8 are written as %XX: such a file cannot be opened by
  /// that name and is rejected as unreadable, never lost.
  private static func name(_ bytes: UnsafePointer<CChar>) -> String {
    if let name = String(validatingCString: bytes) { return name }
    return UnsafeBufferPointer(start: bytes, count: strlen(bytes)).map { byte in
      let value = UInt8(bitPattern: byte)
      return value < 0x80
        ? String(UnicodeScalar(value)) : "%" + String(value, radix: 16, uppercase: true)
    }.joined()
  }

  private struct Place: Hashable {
    let device: UInt
    let node: UInt

    init(_ status: stat) {
      device = UInt(status.st_dev)
      node = UInt(status.st_ino)
    }
  }

  private static func visit(
    _ folder: String, prefix: String, ancestors: Set<Place>, into files: inout [String]
  ) throws(IngestError) {
    guard let stream = opendir(folder) else { throw .unlistable(path: folder, code: errno) }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { Self.name($0) }
      }
      if name == "." || name == ".." { continue }
      var status = stat()
      // A dangling link is a file that cannot be read: listed, so that it is rejected and not lost.
      let exists = stat("\(folder)/\(name)", &status) == 0
      if exists && status.st_mode & S_IFMT == S_IFDIR {
        let place = Place(status)
        guard !ancestors.contains(place) else { continue }
        try visit(
          "\(folder)/\(name)", prefix: "\(prefix)\(name)/", ancestors: ancestors.union([place]),
          into: &files)
      } else {
        files.append(prefix + name)
      }
    }
  }
}

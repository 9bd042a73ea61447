import Foundation

extension StoredListing {
  /// Writes the first `limit` images of `scan` to the file at `path`.
  ///
  /// - Parameters:
  ///   - scan: the folder.
  ///   - dataset: the layout: its name, or the absolute path of its manifest.
  ///   - limit: number of images, from the first.
  ///   - stride: number of images that a task reads at once.
  ///   - path: the file; one that is there is overwritten.
  /// - Throws: an error of the folder or the file.
  public init(
    _ scan: SourceScan, dataset: String, limit: Int, stride: Int, to path: String
  ) throws {
    var (items, offsets, images, bytes) = ([UInt8](), [Int](), 0, 0)
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? file.close() }
    for item in try scan.items() {
      guard images < limit else { break }
      if images % stride == 0 { offsets.append(bytes + items.count) }
      items += Self.encode(item)
      images += 1
      if items.count > 1 << 20 {
        try file.write(contentsOf: items)
        (bytes, items) = (bytes + items.count, [])
      }
    }
    try file.write(contentsOf: items)
    try file.synchronize()
    self.init(
      root: URL(fileURLWithPath: scan.root).standardizedFileURL.path, dataset: dataset,
      pattern: scan.manifest.pattern, pose: scan.pose, images: images, stride: stride,
      offsets: offsets, bytes: bytes + items.count)
  }

  private static func encode(_ item: FolderWalk.Found) -> [UInt8] {
    switch item {
    case .file(let path, let bytes):
      Array(path.utf8) == bytes
        ? [UInt8(ascii: "f")] + bytes + [0]
        : [UInt8(ascii: "e")] + bytes + [0] + Array(path.utf8) + [0]
    case .unlistable(let path, let code):
      [UInt8(ascii: "u")] + Array(path.utf8) + [0] + Array(String(code).utf8) + [0]
    case .empty: []
    }
  }
}

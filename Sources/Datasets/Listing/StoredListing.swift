import Foundation

/// The images of one folder, listed in a file, so that many tasks need not walk the folder.
///
/// The file has an item for each image, in order. An item is `f` and the bytes of the path; `e`, the
/// bytes and the text of a path that is not UTF-8; or `u`, the text of a folder that cannot be listed
/// and the `errno`. Every part ends with a zero byte, which no path can contain.
public struct StoredListing: Codable, Sendable, Equatable {
  /// The folder.
  public let root: String
  /// The layout: its name, or the path of its manifest.
  public let dataset: String
  /// The pattern of the layout, to detect another manifest of the same name.
  public let pattern: String
  /// The selected pose; `nil` for all.
  public let pose: String?
  /// Number of images.
  public let images: Int
  /// Number of items from one entry of `offsets` to the next.
  public let stride: Int
  /// Where every `stride`-th item begins, in bytes.
  public let offsets: [Int]
  /// The length of the file in bytes.
  public let bytes: Int

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
    root = URL(fileURLWithPath: scan.root).standardizedFileURL.path
    self.dataset = dataset
    pattern = scan.manifest.pattern
    pose = scan.pose
    self.images = images
    self.stride = stride
    self.offsets = offsets
    self.bytes = bytes + items.count
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

/// Reads the items of a stored listing in order.
struct StoredItems {
  private let file: FileHandle
  private let path: String
  private var buffer: ArraySlice<UInt8> = []
  private var left: Int

  /// Opens `listing` in the file at `path`, from item `first`, which is a multiple of its stride.
  init(_ listing: StoredListing, at path: String, from first: Int) throws(DatasetError) {
    guard let file = FileHandle(forReadingAtPath: path) else { throw .badListing(path: path) }
    self.file = file
    self.path = path
    left = max(0, listing.images - first)
    let place = first / listing.stride
    do {
      guard try file.seekToEnd() == UInt64(listing.bytes) else { throw DatasetError.badListing(path: path) }
      let offset = place < listing.offsets.count ? listing.offsets[place] : listing.bytes
      try file.seek(toOffset: UInt64(offset))
    } catch { throw .badListing(path: path) }
  }

  /// Returns the next item; `nil` at the end.
  mutating func next() -> FolderWalk.Found? {
    guard left > 0, let kind = word(), let first = kind.first else { return nil }
    left -= 1
    let bytes = Array(kind.dropFirst())
    switch first {
    case UInt8(ascii: "e"):
      return .file(path: String(decoding: word() ?? [], as: UTF8.self), bytes: bytes)
    case UInt8(ascii: "u"):
      let code = Int32(String(decoding: word() ?? [], as: UTF8.self)) ?? 0
      return .unlistable(path: String(decoding: bytes, as: UTF8.self), code: code)
    default: return .file(path: String(decoding: bytes, as: UTF8.self), bytes: bytes)
    }
  }

  private mutating func word() -> ArraySlice<UInt8>? {
    while true {
      if let end = buffer.firstIndex(of: 0) {
        defer { buffer = buffer[(end + 1)...] }
        return buffer[..<end]
      }
      guard let more = try? file.read(upToCount: 1 << 18), !more.isEmpty else { return nil }
      buffer = (Array(buffer) + Array(more))[...]
    }
  }
}

import Foundation

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
      guard try file.seekToEnd() == UInt64(listing.bytes) else {
        throw DatasetError.badListing(path: path)
      }
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

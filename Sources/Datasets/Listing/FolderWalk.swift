import Dispatch
import Foundation
import Synchronization

/// Walks every file below a folder in the order of the bytes of its path, and holds no more than the
/// names of the folders it is in and of those that come next.
///
/// Links are followed; a folder that is its own ancestor is entered once.
struct FolderWalk {
  /// What lies below the folder.
  enum Found: Sendable {
    /// A file, relative to the root, as text and as the bytes that open it.
    case file(path: String, bytes: [UInt8])
    /// A folder that cannot be listed; `code` is its `errno`.
    case unlistable(path: String, code: Int32)
    /// A folder with nothing in it.
    case empty(path: String)
  }

  /// A name in a folder that is being walked.
  private struct Name {
    let bytes: [UInt8]
    let isFolder: Bool

    /// A folder stands where its files' paths would: its name goes on with a slash.
    func precedes(_ other: Name) -> Bool {
      let common = min(bytes.count, other.bytes.count)
      for index in 0..<common where bytes[index] != other.bytes[index] {
        return bytes[index] < other.bytes[index]
      }
      func next(_ name: Name) -> UInt8 {
        name.bytes.count > common ? name.bytes[common] : name.isFolder ? 0x2F : 0
      }
      return next(self) < next(other)
    }
  }

  private struct Place: Equatable {
    let device: UInt
    let node: UInt

    init(_ status: stat) {
      device = UInt(status.st_dev)
      node = UInt(status.st_ino)
    }
  }

  /// A folder that is being walked, with the names that are still to come, the next one last.
  private struct Level {
    let text: String
    let bytes: [UInt8]
    let place: Place
    var names: [Name]
    /// Folders that come next, listed already.
    var listed: [[UInt8]: Listing] = [:]
  }

  private typealias Listing = Result<(place: Place, names: [Name]), ListingFailure>

  /// So many folders are listed at once.
  private static let listedAtOnce = 64

  private let root: [UInt8]
  private var levels: [Level] = []

  /// A walk below `root`.
  ///
  /// - Throws: ``DatasetError`` when the root is no folder or cannot be listed.
  init(_ root: String) throws(DatasetError) {
    var status = stat()
    guard stat(root, &status) == 0 else { throw .missingRoot(path: root) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(path: root) }
    self.root = Array(root.utf8)
    switch Self.list([], root: self.root) {
    case .success(let listing):
      levels = [Level(text: "", bytes: [], place: listing.place, names: listing.names)]
    case .failure(let failure): throw .unlistable(path: root, code: failure.code)
    }
  }

  private struct ListingFailure: Error {
    let code: Int32
  }

  /// What comes next; `nil` at the end.
  mutating func next() -> Found? {
    while !levels.isEmpty {
      let last = levels.count - 1
      // Taken in place: a copy of the level would copy all its names with each one taken.
      guard let name = levels[last].names.popLast() else {
        levels.removeLast()
        continue
      }
      let bytes = levels[last].bytes + name.bytes
      let path = levels[last].text + text(of: name.bytes, in: levels[last].bytes)
      guard name.isFolder else { return .file(path: path, bytes: bytes) }
      let listing = take(name, at: last)
      if let found = enter(path: path + "/", bytes: bytes + [0x2F], listing) { return found }
    }
    return nil
  }

  /// The listing of the folder that comes next; the folders behind it are listed with it, on every
  /// core, since most of the time goes into waiting for the file system.
  private mutating func take(_ name: Name, at level: Int) -> Listing {
    if let listing = levels[level].listed.removeValue(forKey: name.bytes) { return listing }
    let next = levels[level].names.suffix(Self.listedAtOnce - 1).filter(\.isFolder).map(\.bytes)
    let folders = [name.bytes] + next
    let (root, parent) = (root, levels[level].bytes)
    let listings = Mutex([[UInt8]: Listing](minimumCapacity: folders.count))
    DispatchQueue.concurrentPerform(iterations: folders.count) { index in
      let listing = Self.list(parent + folders[index] + [0x2F], root: root)
      listings.withLock { $0[folders[index]] = listing }
    }
    levels[level].listed = listings.withLock { $0 }
    return levels[level].listed.removeValue(forKey: name.bytes)
      ?? Self.list(parent + name.bytes + [0x2F], root: root)
  }

  private mutating func enter(
    path: String, bytes: [UInt8], _ listing: Listing
  ) -> Found? {
    switch listing {
    case .failure(let failure): return .unlistable(path: path, code: failure.code)
    case .success(let (place, names)):
      guard !levels.contains(where: { $0.place == place }) else { return nil }
      if names.isEmpty { return .empty(path: path) }
      levels.append(Level(text: path, bytes: bytes, place: place, names: names))
      return nil
    }
  }

  private static func full(_ bytes: [UInt8], root: [UInt8]) -> [CChar] {
    (root + [0x2F] + bytes + [0]).map { CChar(bitPattern: $0) }
  }

  /// What tells a folder from others, and its names in falling order.
  private static func list(_ folder: [UInt8], root: [UInt8]) -> Listing {
    guard let stream = opendir(full(folder, root: root)) else {
      return .failure(ListingFailure(code: errno))
    }
    defer { closedir(stream) }
    var status = stat()
    guard fstat(dirfd(stream), &status) == 0 else { return .failure(ListingFailure(code: errno)) }
    var names: [Name] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if bytes == [0x2E] || bytes == [0x2E, 0x2E] { continue }
      let kind = Int32(entry.pointee.d_type)
      var isFolder = kind == Int32(DT_DIR)
      if kind == Int32(DT_LNK) || kind == Int32(DT_UNKNOWN) {
        var status = stat()
        // A dangling link is a file that cannot be read: listed, so that it is rejected, not lost.
        isFolder =
          stat(full(folder + bytes, root: root), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      }
      names.append(Name(bytes: bytes, isFolder: isFolder))
    }
    guard errno == 0 else { return .failure(ListingFailure(code: errno)) }
    names.sort { $1.precedes($0) }
    return .success((Place(status), names))
  }

  /// The name as text.
  ///
  /// Bytes that are no UTF-8 are written as %XX, and % itself as %25; should another file be called
  /// just that, %00, which no name can hold, goes before.
  private func text(of name: [UInt8], in folder: [UInt8]) -> String {
    if let text = String(validating: name, as: UTF8.self) { return text }
    var text = name.map { byte in
      byte < 0x80 && byte != UInt8(ascii: "%")
        ? String(UnicodeScalar(byte))
        : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
    var status = stat()
    while lstat(Self.full(folder + Array(text.utf8), root: root), &status) == 0 {
      text = "%00" + text
    }
    return text
  }
}

import Dispatch
import Foundation
import Synchronization

/// Walks all files below a folder in the byte order of their paths.
///
/// It holds only the names in the folders on the current path and in those listed ahead. Links are
/// followed; a folder that is its own ancestor is not entered again.
struct FolderWalk {
  /// An item below the folder.
  enum Found: Sendable {
    /// A file, relative to the root, as text and as the bytes of its path for `open`.
    case file(path: String, bytes: [UInt8])
    /// A folder that cannot be listed; `code` is its `errno`.
    case unlistable(path: String, code: Int32)
    /// An empty folder.
    case empty(path: String)
  }

  /// A name in a folder that is being walked.
  private struct Name {
    let bytes: [UInt8]
    let isFolder: Bool

    /// A folder sorts like the paths of its files: a slash is appended to its name.
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

  /// A folder being walked, with its remaining names in reverse order.
  private struct Level {
    let text: String
    let bytes: [UInt8]
    let place: Place
    var names: [Name]
    /// Listings of the next folders, read in advance.
    var listed: [[UInt8]: Listing] = [:]
  }

  private typealias Listing = Result<(place: Place, names: [Name]), ListingFailure>

  /// Number of folders listed at once.
  private static let listedAtOnce = 64

  private let root: [UInt8]
  private var levels: [Level] = []

  /// Creates a walk below `root`.
  ///
  /// - Throws: ``DatasetError`` if the root is not a folder or cannot be listed.
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

  /// Returns the next item; `nil` at the end.
  mutating func next() -> Found? {
    while !levels.isEmpty {
      let last = levels.count - 1
      // Removed in place: a copy of the level would copy all its names for each name.
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

  /// Returns the listing of the next folder.
  ///
  /// The folders after it are listed at the same time on all cores, because the time is mainly
  /// spent waiting for the file system.
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

  /// Returns the identity of a folder, and its names in descending order.
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
        // A dangling link is listed as a file that cannot be read, so that it is rejected and not
        // lost.
        isFolder =
          stat(full(folder + bytes, root: root), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      }
      names.append(Name(bytes: bytes, isFolder: isFolder))
    }
    guard errno == 0 else { return .failure(ListingFailure(code: errno)) }
    names.sort { $1.precedes($0) }
    return .success((Place(status), names))
  }

  /// Returns the name as text.
  ///
  /// If the name is not valid UTF-8, its bytes outside ASCII are written as %XX, and % as %25. If
  /// another file has the resulting name, the text gets the prefix %00, which no file name can
  /// contain.
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

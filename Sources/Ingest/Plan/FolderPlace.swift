import Foundation

/// A folder as the file system tells it from others.
struct FolderPlace: Hashable {
  let device: UInt
  let node: UInt

  /// The folder at `path`, links followed; `nil` when there is none.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    device = UInt(status.st_dev)
    node = UInt(status.st_ino)
  }
}

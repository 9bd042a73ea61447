import Foundation

/// The identity of a folder in the file system.
struct FolderPlace: Hashable {
  let device: UInt
  let node: UInt

  /// Finds the folder at `path` and follows links; `nil` if there is none.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    device = UInt(status.st_dev)
    node = UInt(status.st_ino)
  }
}

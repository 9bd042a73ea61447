import Foundation

/// The words for a system call that failed.
enum SystemCall {
  /// What could not be done with which file, and what to do about it; `code` is an `errno`.
  static func explanation(_ operation: String, _ path: String, _ code: Int32) -> String {
    "Could not \(operation) \(path): \(String(cString: strerror(code))). "
      + (code == ENOSPC
        ? "Free space on the disk and run the command again; it continues where it was."
        : "Check the path and its permissions, then run the command again.")
  }
}

import Foundation

/// Messages for failed system calls.
enum SystemCall {
  /// Returns the failed operation, the file and advice; `code` is an `errno`.
  static func explanation(_ operation: String, _ path: String, _ code: Int32) -> String {
    "Could not \(operation) \(path): \(String(cString: strerror(code))). "
      + (code == ENOSPC
        ? "Free space on the disk and run the command again; it continues where it was."
        : "Check the path and its permissions, then run the command again.")
  }
}

/// The length and modification time of a file, which show a change without reading the file.
public struct FileStamp: Sendable, Equatable {
  /// The length in bytes.
  public let bytes: Int
  /// The time of the last modification, in nanoseconds since 1970.
  public let modified: Int

  /// Creates a stamp.
  public init(bytes: Int, modified: Int) {
    self.bytes = bytes
    self.modified = modified
  }
}

/// What tells without reading a file that it is still the same.
public struct FileStamp: Sendable, Equatable {
  /// The length in bytes.
  public let bytes: Int
  /// The time of the last modification, in nanoseconds since 1970.
  public let modified: Int

  /// A stamp.
  public init(bytes: Int, modified: Int) {
    self.bytes = bytes
    self.modified = modified
  }
}

/// What a store knows about a file that it has processed.
public struct KnownFile: Sendable, Equatable {
  /// The length and modification time when the file was read; `nil` if it could not be read.
  public let stamp: FileStamp?
  /// SHA-256 of its bytes; `nil` if it could not be read.
  public let sha256: String?
}

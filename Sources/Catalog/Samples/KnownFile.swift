/// What a store knows of a file it has seen.
public struct KnownFile: Sendable, Equatable {
  /// Length and time when it was read; `nil` for a file that could not be read.
  public let stamp: FileStamp?
  /// SHA-256 of its bytes; `nil` for a file that could not be read.
  public let sha256: String?
}

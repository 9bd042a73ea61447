/// Why a list of pairs or people cannot be used.
public struct ListError: Error, Equatable, Sendable {
  /// The file.
  public let path: String
  /// The line, from 1; `nil` when no line is wrong by itself.
  public let line: Int?
  /// What is wrong, in words.
  public let reason: String
}

/// The reason why a list of pairs or people cannot be used.
public struct ListError: Error, Equatable, Sendable {
  /// The file.
  public let path: String
  /// The line, from 1; `nil` if the error is not in one line.
  public let line: Int?
  /// The error as text.
  public let reason: String
}

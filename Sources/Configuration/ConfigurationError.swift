/// The reason why a settings file cannot be used.
public struct ConfigurationError: Error, Equatable, Sendable {
  /// The kind of file, as "recipe".
  public let what: String
  /// The path of the file.
  public let path: String
  /// A description of the problem for the user.
  public let reason: String

  /// Creates an error for a file.
  public init(what: String, path: String, reason: String) {
    self.what = what
    self.path = path
    self.reason = reason
  }
}

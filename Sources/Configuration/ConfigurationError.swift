/// Why a file of settings cannot be used.
public struct ConfigurationError: Error, Equatable, Sendable {
  /// What the file is, as "recipe".
  public let what: String
  /// The file.
  public let path: String
  /// What is wrong, in the words of a user.
  public let reason: String

  /// A file that cannot be used.
  public init(what: String, path: String, reason: String) {
    self.what = what
    self.path = path
    self.reason = reason
  }
}

/// An error that can explain what is wrong, where, and what to do next.
public protocol ExplainedError: Error {
  /// The message for the user.
  var explanation: String { get }
  /// The exit code of a command that ends with this error.
  var exitCode: Int32 { get }
}

extension ExplainedError {
  /// The default exit code, 1.
  public var exitCode: Int32 { 1 }
}

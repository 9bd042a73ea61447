/// An error detected by a command.
public struct CommandFailure: ExplainedError {
  /// The message for the user.
  public let explanation: String

  /// Creates an error with its message.
  public init(_ explanation: String) {
    self.explanation = explanation
  }
}

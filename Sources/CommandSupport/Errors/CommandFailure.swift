/// An error that a command itself finds.
public struct CommandFailure: ExplainedError {
  /// What the user reads.
  public let explanation: String

  /// An error with its words.
  public init(_ explanation: String) {
    self.explanation = explanation
  }
}

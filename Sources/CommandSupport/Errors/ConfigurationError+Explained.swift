import Configuration

extension ConfigurationError: ExplainedError {
  /// The message for the user.
  public var explanation: String { "The \(what) \(path) cannot be used: \(reason.sentence)" }
}

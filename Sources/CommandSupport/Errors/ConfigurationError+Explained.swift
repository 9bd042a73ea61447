import Configuration

extension ConfigurationError: ExplainedError {
  /// What the user reads.
  public var explanation: String { "The \(what) \(path) cannot be used: \(reason.sentence)" }
}

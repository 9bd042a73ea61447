/// An error that can say in one sentence what is wrong, where, and what to do next.
public protocol ExplainedError: Error {
  /// The sentence.
  var explanation: String { get }
  /// The exit code of a command that ends with it.
  var exitCode: Int32 { get }
}

extension ExplainedError {
  /// 1, a failure.
  public var exitCode: Int32 { 1 }
}

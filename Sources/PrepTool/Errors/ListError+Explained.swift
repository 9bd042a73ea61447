import CommandSupport
import Pairs

extension ListError: ExplainedError {
  /// The message for the user.
  public var explanation: String {
    "\(path)\(line.map { ", line \($0)" } ?? ""): \(reason). "
      + "Check the path; get the list again, or correct it."
  }
}

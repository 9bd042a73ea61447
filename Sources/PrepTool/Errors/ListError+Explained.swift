import CommandSupport
import Pairs

extension ListError: ExplainedError {
  /// What the user reads.
  public var explanation: String {
    "\(path)\(line.map { ", line \($0)" } ?? ""): \(reason). "
      + "Check the path; get the list anew, or correct it."
  }
}

/// The reason why the processes of a training cannot work together.
public enum MessagePassingError: Error, Sendable, Equatable {
  /// Several ranks were started, and this build has no MPI.
  case notBuilt(ranks: Int)
  /// Of the ranks that the launcher has started, MPI finds only some.
  case notTogether(ranks: Int, found: Int)
  /// An operation of MPI failed with this code.
  case failed(operation: String, code: Int)
}

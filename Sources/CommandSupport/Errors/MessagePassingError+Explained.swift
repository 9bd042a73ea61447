import MessagePassing

extension MessagePassingError: ExplainedError {
  /// The message for the user.
  public var explanation: String {
    switch self {
    case .notBuilt(let ranks):
      "\(ranks) ranks were started, and this build trains on one. Build with: make install MPI=1"
    case .notTogether(let ranks, let found):
      "\(ranks) ranks were started, and MPI finds \(found): start them with the mpirun of Open MPI, or "
        + "with srun --mpi=pmix."
    case .failed(let operation, let code):
      "MPI failed at \(operation), with code \(code). Another rank may have ended."
    }
  }
}

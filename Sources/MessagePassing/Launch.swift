import Foundation

/// How the process was started: by `mpirun` or `srun` as one of several ranks, or alone.
public enum Launch {
  /// Number of ranks that the launcher has started; 1 for a process that was started alone.
  public static var count: Int { place.count }

  /// The number of this process among them, from 0.
  public static var index: Int { place.index }

  private static let place = place(in: ProcessInfo.processInfo.environment)

  /// The place that the variables of Open MPI's `mpirun` or of `srun --mpi=pmix` tell.
  static func place(in environment: [String: String]) -> (index: Int, count: Int) {
    func number(_ names: String...) -> Int? {
      names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
    }
    guard let index = number("OMPI_COMM_WORLD_RANK", "PMIX_RANK"),
      let count = number("OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"),
      index >= 0, index < count
    else { return (0, 1) }
    return (index, count)
  }
}

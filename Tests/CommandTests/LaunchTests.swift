import TestSupport
import Testing

@testable import MessagePassing

@Suite("a process that a launcher started")
struct LaunchTests {
  @Test("knows its place from the variables of mpirun and of srun")
  func places() {
    let open = ["OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4", "SLURM_NTASKS": "9"]
    #expect(Launch.place(in: open) == (2, 4))
    let slurm = ["PMIX_RANK": "1", "SLURM_STEP_NUM_TASKS": "3", "SLURM_NTASKS": "9"]
    #expect(Launch.place(in: slurm) == (1, 3))
    #expect(Launch.place(in: ["PMIX_RANK": "0", "SLURM_NTASKS": "2"]) == (0, 2))
    // A task of a job that is no rank, as of prep submit.
    #expect(Launch.place(in: ["SLURM_NTASKS": "4", "SLURM_PROCID": "1"]) == (0, 1))
    #expect(Launch.place(in: ["PMIX_RANK": "3", "SLURM_NTASKS": "2"]) == (0, 1))
    #expect(Launch.place(in: [:]) == (0, 1))
  }

  @Test("is refused without MPI, and where the ranks do not find each other")
  func refusals() throws {
    let outcome = try Tool.trainOfTests.run(
      all: ["--shards", "nowhere"],
      environment: ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"])
    #expect(outcome.code == 1)
    let reason =
      RankGroup.isBuilt
      ? "2 ranks were started, and MPI finds 1"
      : "2 ranks were started, and this build trains on one."
    #expect(outcome.error.contains(reason), "\(outcome.error)")
    let folds = try Tool.train.run(
      all: ["crossval", "--shards", "nowhere"],
      environment: ["PMIX_RANK": "0", "SLURM_NTASKS": "2"])
    #expect(folds.code == 64)
    #expect(folds.error.contains("train crossval runs as one process"))
  }
}

import Foundation
import Ingest
import Shards

/// An ingest as an array of Slurm jobs, and a job that merges its parts.
struct SlurmJobs {
  let array: TaskArray
  /// Options of the user for sbatch.
  let options: [String]

  /// How often a task that failed is queued again.
  private static let restarts = 3

  private var ingestPath: String { "\(array.parts.path)/ingest.sh" }
  private var mergePath: String { "\(array.parts.path)/merge.sh" }
  private var jobPath: String { "\(array.parts.path)/slurm-job" }

  /// The script of a task.
  ///
  /// Exit code 3 of `prep ingest` means that files were rejected, which the merge reports. Code 64
  /// is an error in the arguments.
  var ingestScript: String {
    let jobs = array.jobs.map(String.init) ?? "$((${SLURM_CPUS_PER_TASK:-1} + 1))"
    return """
      #!/bin/bash
      # One task of prep submit. A task that fails is queued again, and continues where it was.
      task=$SLURM_ARRAY_TASK_ID
      if [ ! -d \(TaskArray.quoted(array.parts.path)) ]; then
        echo "Error: $(hostname) does not see "\(TaskArray.quoted(array.parts.path)) >&2
        exit 1
      fi
      \(TaskArray.quoted(array.prep)) ingest --listing \(TaskArray.quoted(array.parts.path)) \\
        --task "$task/\(array.count)" --out \(TaskArray.quoted(array.parts.path))"/part-$task" \\
        --jobs "\(jobs)" --quiet
      code=$?
      case $code in
        0 | 3) exit 0 ;;
        64) exit $code ;;
      esac
      if [ "${SLURM_RESTART_COUNT:-0}" -lt \(Self.restarts) ]; then
        echo "Task $task ended with exit code $code on $(hostname) and is queued again." >&2
        scontrol requeue "${SLURM_ARRAY_JOB_ID}_$task" && sleep 60
      fi
      exit $code

      """
  }

  /// The script of the merge.
  var mergeScript: String {
    """
    #!/bin/bash
    # Joins the parts of prep submit into one store.
    exec \(TaskArray.quoted(array.prep)) merge \(TaskArray.quoted(array.parts.path))/part-{0..\(array.count - 1)} \\
      --out \(TaskArray.quoted(array.out)) --quiet

    """
  }

  /// Returns the arguments of sbatch for the array of `tasks`.
  func ingestArguments(_ tasks: [Int]) -> [String] {
    [
      "--parsable", "--job-name=prep-ingest", "--array=\(TaskArray.ranges(tasks))", "--requeue",
      "--open-mode=append", "--output=\(log("%a.log"))",
    ] + options + [ingestPath]
  }

  /// Returns the arguments of sbatch for the merge behind the array `job`; `nil` if no task is left.
  func mergeArguments(after job: String?) -> [String] {
    ["--parsable", "--job-name=prep-merge", "--open-mode=append", "--output=\(log("merge.log"))"]
      + (job.map { ["--dependency=afterok:\($0)", "--kill-on-invalid-dep=yes"] } ?? [])
      + options + [mergePath]
  }

  private func log(_ name: String) -> String {
    array.parts.logs.replacing("%", with: "%%") + "/" + name
  }

  /// The scripts and the commands that submit them, as text.
  func text(_ tasks: [Int]) -> String {
    func command(_ arguments: [String]) -> String {
      "sbatch " + arguments.map(Self.word).joined(separator: " ")
    }
    return """
      # \(ingestPath)
      \(ingestScript)
      # \(mergePath)
      \(mergeScript)
      # \(command(ingestArguments(tasks)))
      # \(command(mergeArguments(after: tasks.isEmpty ? nil : "JOB")))
      """
  }

  private static func word(_ text: String) -> String {
    text.contains(where: { !$0.isLetter && !$0.isNumber && !"-_=/.,:%".contains($0) })
      ? TaskArray.quoted(text) : text
  }

  /// Submits the tasks and the merge, and returns the numbers of both jobs.
  ///
  /// If the merge is refused, the array is cancelled.
  ///
  /// - Throws: ``SubmitError``.
  func submit(_ tasks: [Int]) throws -> (ingest: String?, merge: String) {
    let sbatch = try EngineCommand("sbatch")
    try refuseQueued()
    try DurableFile.write(ingestScript, to: ingestPath)
    try DurableFile.write(mergeScript, to: mergePath)
    let ingest =
      tasks.isEmpty ? nil : Self.number(try sbatch.run(ingestArguments(tasks)))
    do {
      let merge = Self.number(try sbatch.run(mergeArguments(after: ingest)))
      try DurableFile.write([ingest, merge].compactMap { $0 }.joined(separator: ","), to: jobPath)
      return (ingest, merge)
    } catch {
      if let ingest { _ = try? EngineCommand("scancel").run([ingest]) }
      throw error
    }
  }

  /// Refuses to submit while jobs of an earlier submit are queued or run.
  private func refuseQueued() throws {
    guard let jobs = try? String(contentsOfFile: jobPath, encoding: .utf8) else { return }
    // squeue knows a finished job for some minutes only, and then fails.
    let queued =
      (try? EngineCommand("squeue").run(["--noheader", "--format=%A", "--jobs=\(jobs)"])) ?? ""
    if let job = queued.split(separator: "\n").first {
      throw SubmitError.stillQueued(job: job.trimmingCharacters(in: .whitespaces))
    }
  }

  /// Returns the number of a job in the output of `sbatch --parsable`, which may name a cluster too.
  private static func number(_ output: String) -> String {
    String(output.split(separator: "\n").last?.split(separator: ";").first ?? "")
  }
}

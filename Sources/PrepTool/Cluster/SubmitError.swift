import CommandSupport

/// The reason why the tasks of an ingest cannot be submitted.
enum SubmitError: ExplainedError {
  /// The store is there already, and not by this submit.
  case storeExists(String)
  /// The folder of the parts belongs to another request.
  case otherRequest(folder: String)
  /// The folder of the parts is divided among another number of tasks.
  case otherTasks(folder: String, stored: Int, asked: Int)
  /// A command of the engine is not there.
  case noCommand(String)
  /// A command of the engine failed.
  case refused(command: String, reason: String)
  /// Jobs of an earlier submit are still in the queue.
  case stillQueued(job: String)
  /// A Job of Kubernetes of an earlier submit has tasks that run or wait.
  case stillActive(job: String)
  /// Tasks of an earlier submit are running, or their parts are being joined.
  case stillRunning(out: String)
  /// Tasks failed three times.
  case failed(tasks: [Int], out: String)

  /// The message for the user.
  var explanation: String {
    switch self {
    case .storeExists(let out):
      "\(out) is a store already. prep ingest adds images to it; give another --out for a new one."
    case .otherRequest(let folder):
      "\(folder) was made by a prep submit with other photographs or settings. Remove it, or give another "
        + "--out."
    case .otherTasks(let folder, let stored, let asked):
      "\(folder) is divided among \(stored) tasks, not \(asked). Give --tasks \(stored), or remove it."
    case .noCommand(let command):
      "There is no \(command) on the path. Run this where it is, or use --on shell, or --print to see the "
        + "scripts."
    case .refused(let command, let reason):
      "\(command) refused: \(reason)"
    case .stillQueued(let job):
      "Job \(job) of an earlier prep submit is still in the queue. Wait for it, or end it with scancel "
        + "\(job)."
    case .stillRunning(let out):
      "Tasks of an earlier prep submit are still running, or the merge of their parts. Wait for them; "
        + "prep status --out \(out) shows how far they are."
    case .stillActive(let job):
      "The Job \(job) of an earlier prep submit is still active. Wait for it, or end it with kubectl delete job "
        + "\(job)."
    case .failed(let tasks, let out):
      "\(counted(tasks.count, "task", "tasks")) failed three times: "
        + tasks.prefix(10).map(String.init).joined(separator: ", ")
        + (tasks.count > 10 ? ", ..." : "") + ". prep status --out \(out) has the reasons."
    }
  }

  var exitCode: Int32 { 1 }
}

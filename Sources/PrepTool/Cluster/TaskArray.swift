import Catalog
import Foundation
import Ingest

/// The tasks of one ingest, as the scripts of the engines run them.
struct TaskArray {
  /// The folder of the parts.
  let parts: PartsFolder
  /// The store that the parts are merged into.
  let out: String
  /// Number of tasks.
  let count: Int
  /// Number of workers of a task; `nil` for one more than it has cores.
  let jobs: Int?
  /// The program.
  let prep: String

  init(_ parts: PartsFolder, out: StoreFolder, count: Int, jobs: Int?) {
    self.parts = parts
    self.out = URL(fileURLWithPath: out.path).standardizedFileURL.path
    self.count = count
    self.jobs = jobs
    prep =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
  }

  /// Returns the arguments of task `index`.
  func arguments(of index: Int, jobs: Int) -> [String] {
    [
      "ingest", "--listing", parts.path, "--task", "\(index)/\(count)",
      "--out", parts.part(index).path, "--jobs", String(jobs), "--quiet",
    ]
  }

  /// The arguments of the merge.
  var mergeArguments: [String] {
    ["merge"] + (0..<count).map { parts.part($0).path } + ["--out", out, "--quiet"]
  }

  /// Returns `text` as one word of a shell.
  static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }

  /// Returns task numbers as Slurm writes them: 0-3,7.
  static func ranges(_ tasks: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for task in tasks.sorted() {
      if let last = ranges.last, last.upperBound + 1 == task {
        ranges[ranges.count - 1] = last.lowerBound...task
      } else {
        ranges.append(task...task)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }
}

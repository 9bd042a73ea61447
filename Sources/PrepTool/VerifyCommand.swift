import ArgumentParser
import Catalog
import CommandSupport
import Foundation
import Maintenance

/// `prep verify`.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compares every byte of a store with its catalog.",
    discussion: """
      Reads every shard and checks its SHA-256, the SHA-256 of every sample, and that rows, shards and files belong together. Ends with exit code 1 and a list \
      on any difference.
      """)

  @OptionGroup var store: StoreOptions

  @Option(help: ArgumentHelp("Number of workers; by default one per core.", valueName: "n"))
  var jobs: Int?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard jobs ?? 1 >= 1 else { throw ValidationError("--jobs must be 1 or more.") }
  }

  private struct Report: Encodable {
    let shards: Int
    let samples: Int
    let bytes: Int
    let problems: Int
    let leftovers: Int
    let seconds: Double
    let bytesPerSecond: Int
  }

  func run() async throws {
    let start = Date()
    let bar = ProgressBar("verify", unit: "shards", isEnabled: !output.quiet)
    let summary = try await StoreVerification(
      store.folder, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount
    ) { error in
      (error as? any ExplainedError)?.explanation ?? "\(error)"
    } progress: {
      bar.update($0, of: $1)
    }.run()
    bar.finish()
    for problem in summary.problems {
      output.line("problem", problem)
      let place = problem.row.map { " row \($0)" } ?? ""
      if !output.json { Console.print("\(problem.file)\(place): \(problem.problem)".printable) }
    }
    if let first = summary.leftovers.first {
      let isBusy = StoreLock.isHeld(store.folder)
      output.note(
        "\(summary.leftovers.count) \(summary.leftovers.count == 1 ? "file belongs" : "files belong") to "
          + (isBusy
            ? "a run that writes now" : "a run that was ended; the next prep ingest removes")
          + (isBusy ? "" : " \(summary.leftovers.count == 1 ? "it" : "them")")
          + " (\(first)\(summary.leftovers.count > 1 ? ", ..." : ""))")
    }
    let seconds = Date().timeIntervalSince(start)
    let report = Report(
      shards: summary.shards, samples: summary.samples, bytes: summary.bytes,
      problems: summary.problems.count, leftovers: summary.leftovers.count,
      seconds: (seconds * 1_000).rounded() / 1_000,
      bytesPerSecond: Int(Double(summary.bytes) / max(seconds, 1e-9)))
    output.summary(report) {
      "\(counted(report.problems, "problem", "problems")) in "
        + "\(counted(report.shards, "shard", "shards")) of "
        + "\(counted(report.samples, "sample", "samples")), "
        + "\(report.bytes / 1_000_000) MB at \(report.bytesPerSecond / 1_000_000) MB/s"
    }
    if report.problems > 0 { throw ExitCode.failure }
  }
}

import ArgumentParser
import CommandSupport
import Foundation
import Ingest

/// `prep status`.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows how far the tasks of prep submit are.",
    discussion: """
      For each task: its state, how many of its images are stored and rejected, and the last error. \
      Ends with exit code 1 if a task failed.
      """)

  @OptionGroup var store: StoreOptions

  @Flag(help: "Wait until all tasks are finished.")
  var wait = false

  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    let task: Int
    let state: PartStatus.State
    let images: Int
    let stored: Int
    let rejected: Int
    let reason: String?
  }

  private struct Report: Encodable {
    let tasks: Int
    let finished: Int
    let running: Int
    let failed: Int
    let images: Int
    let stored: Int
    let rejected: Int
  }

  /// Seconds between two looks at the parts.
  private static let pause: Duration = .seconds(5)

  func run() async throws {
    let parts = PartsFolder(of: store.folder)
    guard let listing = try IngestListing.read(parts) else {
      throw CommandFailure("There is no \(parts.path): prep submit makes it beside --out.")
    }
    var states = try Self.states(listing, parts)
    while wait, states.contains(where: { $0.state != .finished }) {
      try await ToolRunner.interruptible { try await Task.sleep(for: Self.pause) }
      states = try Self.states(listing, parts)
    }
    let report = Report(
      tasks: states.count, finished: states.count { $0.state == .finished },
      running: states.count { $0.state == .running }, failed: states.count { $0.state == .failed },
      images: listing.images, stored: states.reduce(0) { $0 + $1.stored },
      rejected: states.reduce(0) { $0 + $1.rejected })
    for state in states {
      output.line(
        "part",
        Line(
          task: state.task, state: state.state, images: state.images, stored: state.stored,
          rejected: state.rejected, reason: state.reason.isEmpty ? nil : state.reason))
    }
    output.summary(report) { Self.text(states, report) }
    if report.failed > 0 { throw ExitCode.failure }
  }

  private static func states(_ listing: IngestListing, _ parts: PartsFolder) throws -> [PartStatus]
  {
    try (0..<listing.tasks).map { try PartStatus($0, of: listing, in: parts) }
  }

  private static func text(_ states: [PartStatus], _ report: Report) -> String {
    let table = TextTable(
      ["task", "state", "images", "stored", "rejected"],
      states.map {
        ["\($0.task)", $0.state.rawValue, "\($0.images)", "\($0.stored)", "\($0.rejected)"]
      }
    ).text
    let reasons = states.filter { !$0.reason.isEmpty }
      .map { "task \($0.task): \($0.reason)".printable }
    return
      ([table] + reasons + [
        "\(report.finished) of \(counted(report.tasks, "task", "tasks")) finished, "
          + "\(report.stored) of \(counted(report.images, "image", "images")) stored, "
          + "\(report.rejected) rejected"
      ]).joined(separator: "\n")
  }
}

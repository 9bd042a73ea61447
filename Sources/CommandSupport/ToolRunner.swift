import ArgumentParser
import Configuration
import Foundation
import MessagePassing
import ObjectStorage

/// Runs a tool: parses the arguments, runs the command, and converts errors into a message and an
/// exit code.
public enum ToolRunner {
  /// The exit code of an ingest that finished, but rejected files or found changed or missing ones.
  public static let doneWithRejections = ExitCode(3)

  /// The version of both tools.
  public static let version = "0.1.0"

  /// Ends the transfers of a command at the first signal, and before the process exits.
  public static let stop = StopFlag()

  /// Parses the process's arguments and runs the selected command; never returns.
  public static func run<Root: AsyncParsableCommand>(_ root: Root.Type) async -> Never {
    // Writing to a closed pipe is an error to handle; it must not end the process.
    signal(SIGPIPE, SIG_IGN)
    Interruption.listen()
    refuseUnknownCommand(root)
    do {
      var command = try root.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      endTransfers()
      root.exit()
    } catch let error as any ExplainedError {
      // 130 stands for any interruption: SIGTERM ends with 143.
      fail(error.explanation, code: error.exitCode == 130 ? Interruption.exitCode : error.exitCode)
    } catch is CancellationError {
      fail(
        "Interrupted. What was stored is safe; run the command again to continue.",
        code: Interruption.exitCode)
    } catch {
      endTransfers()
      if Launch.count > 1, !(error is ExitCode), !root.exitCode(for: error).isSuccess {
        fail(root.message(for: error), code: root.exitCode(for: error).rawValue)
      }
      if root.exitCode(for: error) == .validationFailure && CommandLine.arguments.contains("--json")
      {
        Console.print(JSONLine.encode("error", Words(message: root.message(for: error))))
      }
      root.exit(withError: error)
    }
  }

  private struct Words: Encodable {
    let message: String
  }

  private static func endTransfers() {
    stop.set()
    Transfers.end()
  }

  private static func fail(_ words: String, code: Int32) -> Never {
    endTransfers()
    // What goes wrong on every rank is told by rank 0 alone, whose end is that of the others.
    if Launch.index > 0 { Thread.sleep(forTimeInterval: 1) }
    if CommandLine.arguments.contains("--json") {
      Console.print(JSONLine.encode("error", Words(message: words)))
    }
    Console.note(
      (Launch.index > 0 ? "Error on rank \(Launch.index): " : "Error: ") + words.printable)
    RankGroup.current?.abort(code: code)
    exit(code)
  }

  /// Reports an unknown subcommand with the nearest known one.
  private static func refuseUnknownCommand<Root: ParsableCommand>(_ root: Root.Type) {
    guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-") else { return }
    let known = root.configuration.subcommands.map { $0._commandName } + ["help"]
    guard !known.contains(word) else { return }
    let name = root._commandName
    let nearest = NearestName.nearest(to: word, among: known)
    fail(
      "\(name) has no command \(word); "
        + (nearest.map { "did you mean \(name) \($0)?" }
          ?? "the commands are \(known.joined(separator: ", "))."),
      code: 64)
  }

  /// Runs `work`, cancels it at the first interrupt or termination signal, and exits immediately at
  /// the second.
  public static func interruptible<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await work() }
    Interruption.onSignal {
      task.cancel()
      stop.set()
    }
    defer { Interruption.onSignal(nil) }
    return try await task.value
  }
}

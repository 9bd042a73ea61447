import ArgumentParser
import Foundation

/// Runs a tool: parses, runs, and turns what went wrong into words and an exit code.
public enum ToolRunner {
  /// The exit code of a run that ended with rejections.
  public static let doneWithRejections = ExitCode(3)

  /// The version of both tools.
  public static let version = "0.1.0"

  /// Parses the process's arguments and runs the command they name; never returns.
  public static func run<Root: AsyncParsableCommand>(_ root: Root.Type) async -> Never {
    // Writing to a reader that went away is an error to handle, not a death.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try root.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      root.exit()
    } catch let error as any ExplainedError {
      fail(error.explanation, code: error.exitCode)
    } catch is CancellationError {
      fail("Interrupted. What was stored is safe; run the command again to go on.", code: 130)
    } catch {
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

  private static func fail(_ words: String, code: Int32) -> Never {
    if CommandLine.arguments.contains("--json") {
      Console.print(JSONLine.encode("error", Words(message: words)))
    }
    Console.note("error: \(words)")
    exit(code)
  }

  /// Runs `work`, cancelling it at the first interrupt and leaving at once at the second.
  public static func interruptible<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await work() }
    // A queue of its own: the shared ones may wait for a thread as long as the workers are busy.
    let queue = DispatchQueue(label: "interrupt", qos: .userInteractive)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: queue)
    signal(SIGINT, SIG_IGN)
    source.setEventHandler {
      if task.isCancelled { exit(130) }
      task.cancel()
    }
    source.activate()
    defer {
      source.cancel()
      signal(SIGINT, SIG_DFL)
    }
    return try await task.value
  }
}

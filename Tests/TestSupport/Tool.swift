import Foundation

/// Runs a program and keeps what it wrote.
public struct Tool: Sendable {
  /// What a finished program left.
  public struct Outcome: Sendable {
    /// The exit code, or minus the signal.
    public let code: Int32
    /// Standard output.
    public let output: String
    /// Standard error.
    public let error: String

    /// The lines of standard output as JSON objects.
    public var json: [[String: Any]] {
      output.split(separator: "\n").compactMap {
        (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
      }
    }

    /// The last line of standard output as a JSON object.
    public var summary: [String: Any] { json.last ?? [:] }
  }

  /// Where the program lies.
  public let path: String

  /// The program at `path`.
  public init(path: String) {
    self.path = path
  }

  /// The built `prep`.
  public static let prep = Tool(path: "\(products)/prep")
  /// The built `train`.
  public static let train = Tool(path: "\(products)/train")

  /// The `train` of the same build as the running tests, which has MPI if they have.
  public static let trainOfTests = Tool(path: "\(beside)/train")

  /// Where the built tools lie: in `TWINSET_TOOLS`, or beside the running tests.
  private static let products =
    ProcessInfo.processInfo.environment["TWINSET_TOOLS"] ?? beside

  /// Where the running tests lie, if the tools are there.
  private static let beside: String = {
    let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    let folder = URL(fileURLWithPath: running ?? "").deletingLastPathComponent().path
    let isThere = FileManager.default.isExecutableFile(atPath: "\(folder)/prep")
    return isThere ? folder : "\(Surroundings.root)/.build/debug"
  }()

  /// Begins the program, with `environment` in place of some of its own variables.
  public func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    // The times that tests measure are not those of the user.
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["XDG_CACHE_HOME": "\(Surroundings.root)/.build/test-cache"]) { $1 }
      .merging(environment) { $1 }
    return process
  }

  /// The longest time of a program, in seconds; after it the program is killed.
  ///
  /// The longest one, all commands of the documentation, takes a minute on a quiet machine and up to five
  /// on a slow one. A program that hangs fails its test, before `scripts/test` ends all of them.
  private static let longestRun = 500.0

  /// Runs the program to its end.
  public func run(_ arguments: String...) throws -> Outcome {
    try run(all: arguments)
  }

  /// Runs the program to its end, with `environment` in place of some of its own variables.
  public func run(
    all arguments: [String], environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = try start(arguments, environment: environment)
    let scratch = try TemporaryFolder()
    let files = try ["out", "err"].map { name in
      try scratch.write([], to: name)
      return try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.file(name)))
    }
    process.standardOutput = files[0]
    process.standardError = files[1]
    try process.run()
    let identifier = process.processIdentifier
    let limit = DispatchWorkItem { kill(identifier, SIGKILL) }
    // A queue of its own: the shared ones may have no free thread.
    DispatchQueue(label: "limit").asyncAfter(deadline: .now() + Self.longestRun, execute: limit)
    process.waitUntilExit()
    limit.cancel()
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: scratch.file(name), encoding: .utf8)
    }
    let isSignal = process.terminationReason == .uncaughtSignal
    return Outcome(
      code: isSignal ? -process.terminationStatus : process.terminationStatus,
      output: try text("out"), error: try text("err"))
  }
}

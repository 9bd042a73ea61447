import CommandSupport
import Foundation

/// A program of an engine, such as sbatch.
struct EngineCommand {
  /// The name of the program.
  let name: String
  private let path: String

  /// Finds the program on the path.
  ///
  /// - Throws: ``SubmitError/noCommand(_:)``.
  init(_ name: String) throws {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard
      let path = folders.map({ "\($0)/\(name)" })
        .first(where: { FileManager.default.isExecutableFile(atPath: $0) })
    else { throw SubmitError.noCommand(name) }
    self.name = name
    self.path = path
  }

  /// Runs the program.
  ///
  /// - Parameters:
  ///   - arguments: its arguments.
  ///   - input: the text for its standard input.
  /// - Returns: its output without the last line feed.
  /// - Throws: ``SubmitError/refused(command:reason:)`` with the reason that it gives.
  func run(_ arguments: [String], input: String = "") throws -> String {
    let process = Process()
    let (inputPipe, outputPipe, errorPipe) = (Pipe(), Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = inputPipe
    process.standardOutput = outputPipe
    process.standardError = errorPipe
    try process.run()
    try? inputPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try? inputPipe.fileHandleForWriting.close()
    let output = (try? outputPipe.fileHandleForReading.readToEnd()).flatMap { $0 } ?? Data()
    let errors = (try? errorPipe.fileHandleForReading.readToEnd()).flatMap { $0 } ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw SubmitError.refused(
        command: name,
        reason: Self.reason(String(decoding: errors, as: UTF8.self))
          ?? "it ended with exit code \(process.terminationStatus)")
    }
    return String(decoding: output, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Returns the last error that the program names, or else its first line; `nil` without output.
  private static func reason(_ errors: String) -> String? {
    let lines = errors.split(separator: "\n").map(String.init)
    if let line = lines.last(where: { $0.contains("error: ") }) {
      return line.components(separatedBy: "error: ").last
    }
    return lines.first
  }
}

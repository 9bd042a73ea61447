import ArgumentParser
import Foundation

/// The output of a command: results to standard output, everything else to standard error.
public enum Console {
  /// Writes a line of results.
  public static func print(_ text: String) {
    write(text + "\n", to: STDOUT_FILENO)
  }

  /// Writes a message to standard error.
  public static func note(_ text: String) {
    write(text + "\n", to: STDERR_FILENO)
  }

  /// Whether standard error is a terminal that supports control sequences.
  public static var isTerminal: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// The width of the terminal on standard error in columns; 80 if it is unknown.
  public static var columns: Int {
    var size = winsize()
    let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return known ? Int(size.ws_col) : 80
  }

  static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      // The reader, for example `head`, has closed the pipe and needs no more output.
      if count < 0 && errno == EPIPE { return }
      guard count > 0 else {
        let code = errno
        guard descriptor != STDERR_FILENO else { return }
        write(
          "Error: Could not write to standard output: \(String(cString: strerror(code))). "
            + "What was stored is safe; free space and run the command again.\n",
          to: STDERR_FILENO)
        // The output is incomplete, so the command must not appear to have succeeded.
        exit(1)
      }
      bytes = bytes.dropFirst(count)
    }
  }
}

/// The output options of all commands.
public struct OutputOptions: ParsableArguments, Sendable {
  /// Whether results are written as JSON Lines.
  @Flag(help: "Write results as JSON Lines; the last line is the summary.")
  public var json = false

  /// Whether progress and notes are suppressed.
  @Flag(name: .shortAndLong, help: "Write no progress and no notes.")
  public var quiet = false

  /// Creates options for the parser to fill.
  public init() {}

  /// Writes a note of one line to standard error, unless the output is quiet.
  ///
  /// Control characters, which file names may contain, are escaped.
  public func note(_ text: String) {
    if !quiet { Console.note(text.printable) }
  }

  /// Writes one JSON line if JSON output is enabled.
  public func line(_ type: String, _ body: some Encodable) {
    if json { Console.print(JSONLine.encode(type, body)) }
  }

  /// Writes the final result of a command: `text`, or `body` as the line `summary` in JSON output.
  public func summary(_ body: some Encodable, text: () -> String) {
    if json { line("summary", body) } else { Console.print(text()) }
  }
}

/// One line of JSON output: an object with `message_type`, keys sorted.
public enum JSONLine {
  private struct Message<Body: Encodable>: Encodable {
    let type: String
    let body: Body

    private enum CodingKeys: String, CodingKey {
      case type = "message_type"
    }

    func encode(to encoder: any Encoder) throws {
      try body.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(type, forKey: .type)
    }
  }

  /// A key of the output.
  private struct Name: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
  }

  /// A name such as `tarAtFar` as `tar_at_far`; a name of capital letters only, such as TG, stays.
  static func snakeCase(_ name: String) -> String {
    guard name.contains(where: { !$0.isUppercase }) else { return name }
    return name.reduce(into: "") { result, letter in
      if letter.isUppercase && !result.isEmpty { result += "_" }
      result += letter.lowercased()
    }
  }

  /// Returns the line for `body`, an object, with its message type.
  public static func encode(_ type: String, _ body: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .custom { path in
      Name(
        stringValue: path.last.map {
          $0.intValue == nil ? snakeCase($0.stringValue) : $0.stringValue
        } ?? "")
    }
    guard let data = try? encoder.encode(Message(type: type, body: body)) else {
      preconditionFailure("a message of type \(type) holds a number that JSON has not")
    }
    return String(decoding: data, as: UTF8.self)
  }
}

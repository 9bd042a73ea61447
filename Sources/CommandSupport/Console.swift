import ArgumentParser
import Foundation

/// Where a command writes: results to standard output, everything else to standard error.
public enum Console {
  /// Writes a line of results.
  public static func print(_ text: String) {
    write(text + "\n", to: STDOUT_FILENO)
  }

  /// Writes a line for the person who watches.
  public static func note(_ text: String) {
    write(text + "\n", to: STDERR_FILENO)
  }

  /// Whether standard error is a terminal that understands control sequences.
  public static var isTerminal: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// The columns of the terminal on standard error, 80 where it does not say.
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
      // A reader that went away, as `head` does, wants no more.
      if count < 0 && errno == EPIPE { return }
      guard count > 0 else {
        let code = errno
        guard descriptor != STDERR_FILENO else { return }
        write(
          "Error: Could not write to standard output: \(String(cString: strerror(code))). "
            + "What was stored is safe; free space and run the command again.\n",
          to: STDERR_FILENO)
        // What a script reads is cut short, so that the command must not seem to have worked.
        exit(1)
      }
      bytes = bytes.dropFirst(count)
    }
  }
}

/// The options every command has for what it writes.
public struct OutputOptions: ParsableArguments, Sendable {
  /// Whether results are JSON Lines.
  @Flag(help: "Write results as JSON Lines; the last line is the summary.")
  public var json = false

  /// Whether progress and notes are left out.
  @Flag(name: .shortAndLong, help: "Write no progress and no notes.")
  public var quiet = false

  /// Options to be filled by the parser.
  public init() {}

  /// Writes a note of one line to standard error, unless it is to be quiet; control characters in it,
  /// as names of files may have, are spelled out.
  public func note(_ text: String) {
    if !quiet { Console.note(text.printable) }
  }

  /// Writes one JSON line, when lines are wanted.
  public func line(_ type: String, _ body: some Encodable) {
    if json { Console.print(JSONLine.encode(type, body)) }
  }

  /// Writes the end of a command: `text` for people or `body` as the line `summary`.
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

  /// The line for `body`, an object, with its message type.
  public static func encode(_ type: String, _ body: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    guard let data = try? encoder.encode(Message(type: type, body: body)) else {
      preconditionFailure("a message of type \(type) holds a number that JSON has not")
    }
    return String(decoding: data, as: UTF8.self)
  }
}

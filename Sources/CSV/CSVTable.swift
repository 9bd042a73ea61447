/// A small reader and writer of CSV (RFC 4180).
///
/// Fields with commas, quotes or newlines are enclosed in quotes, and quotes inside them are
/// doubled.
public enum CSVTable {
  /// A record and the line on which it begins.
  public struct Record: Sendable {
    /// The line, from 1.
    public let line: Int
    /// The fields, without the enclosing quotes.
    public let fields: [String]
  }

  /// The reason why a text is not valid CSV.
  public struct Failure: Error, Sendable {
    /// The line, from 1.
    public let line: Int
    /// A description of the problem.
    public let reason: String
  }

  /// Parses the records of a text; empty lines are skipped.
  public static func records(_ text: String) throws(Failure) -> [Record] {
    var parser = Parser(text)
    return try parser.parse()
  }

  /// Returns one line, including its newline.
  public static func line(_ fields: [String]) -> String {
    fields.map { field in
      let needsQuotes = field.utf8.contains { byte in
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
          || byte == UInt8(ascii: "\r")
      }
      // Byte by byte, as it is read: a quote before a combining mark is no character of its own.
      let doubled = field.utf8.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] }
      return needsQuotes ? "\"\(String(decoding: doubled, as: UTF8.self))\"" : field
    }.joined(separator: ",") + "\n"
  }
}

/// Reads records byte by byte.
private struct Parser {
  private let bytes: [UInt8]
  private var index: Int
  private var line = 1
  /// The line that the record under way begins on.
  private var start = 1
  private var records: [CSVTable.Record] = []
  private var fields: [String] = []
  private var field: [UInt8] = []
  /// Whether the next byte is inside quotes.
  private var isQuoted = false
  /// Whether the field under way began with a quote.
  private var wasQuoted = false

  init(_ text: String) {
    bytes = Array(text.utf8)
    // A byte order mark is not part of the first field.
    index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  mutating func parse() throws(CSVTable.Failure) -> [CSVTable.Record] {
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      if isQuoted { takeQuoted(byte) } else { try take(byte) }
    }
    guard !isQuoted else {
      throw CSVTable.Failure(line: start, reason: "a quote is not closed")
    }
    if !field.isEmpty || !fields.isEmpty || wasQuoted { finishRecord() }
    return records
  }

  /// The byte that comes next; `nil` at the end.
  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func takeQuoted(_ byte: UInt8) {
    if byte != UInt8(ascii: "\"") {
      field.append(byte)
    } else if next == UInt8(ascii: "\"") {
      field.append(byte)
      index += 1
    } else {
      isQuoted = false
    }
  }

  private mutating func take(_ byte: UInt8) throws(CSVTable.Failure) {
    switch byte {
    case UInt8(ascii: "\""):
      guard field.isEmpty && !wasQuoted else {
        throw CSVTable.Failure(line: line, reason: "a quote stands within a field")
      }
      isQuoted = true
      wasQuoted = true
    case UInt8(ascii: ","): finishField()
    case UInt8(ascii: "\r") where next == UInt8(ascii: "\n"): break
    case UInt8(ascii: "\n"):
      finishRecord()
      start = line
    default:
      guard !wasQuoted else {
        throw CSVTable.Failure(line: line, reason: "something follows a field in quotes")
      }
      field.append(byte)
    }
  }

  private mutating func finishField() {
    fields.append(String(decoding: field, as: UTF8.self))
    field.removeAll(keepingCapacity: true)
    wasQuoted = false
  }

  private mutating func finishRecord() {
    finishField()
    if fields != [""] { records.append(CSVTable.Record(line: start, fields: fields)) }
    fields.removeAll(keepingCapacity: true)
  }
}

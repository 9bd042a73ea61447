/// Parses the JSON of a safetensors header: objects, strings and natural numbers only.
///
/// The format forbids duplicate keys. A general JSON parser accepts them and keeps only the last
/// one, so the header has its own parser.
struct HeaderScanner {
  private let bytes: [UInt8]
  private var position = 0

  /// The reason why a header cannot be parsed.
  enum Failure: Error, Equatable {
    case syntax(String)
    case duplicateKey(String)
  }

  init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  private var next: UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  private mutating func take(_ character: Character) throws(Failure) {
    skipSpace()
    guard next == character.asciiValue else {
      throw .syntax("expected \(character) at byte \(position)")
    }
    position += 1
  }

  private mutating func takes(_ character: Character) -> Bool {
    skipSpace()
    guard next == character.asciiValue else { return false }
    position += 1
    return true
  }

  /// Parses `{"key": value, ...}` and calls `value` at the start of each value.
  mutating func object(
    _ value: (inout HeaderScanner, String) throws(Failure) -> Void
  ) throws(Failure) {
    try take("{")
    if takes("}") { return }
    var seen: Set<String> = []
    repeat {
      let key = try string()
      guard seen.insert(key).inserted else { throw .duplicateKey(key) }
      try take(":")
      try value(&self, key)
    } while takes(",")
    try take("}")
  }

  /// Parses `[1, 2, ...]`.
  mutating func naturals() throws(Failure) -> [Int] {
    try take("[")
    if takes("]") { return [] }
    var values: [Int] = []
    repeat { values.append(try natural()) } while takes(",")
    try take("]")
    return values
  }

  private mutating func natural() throws(Failure) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while let byte = next, (0x30...0x39).contains(byte) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(byte - 0x30))
      guard !overflow, !carry else { throw .syntax("a number too large at byte \(start)") }
      value = sum
      position += 1
    }
    guard position > start else { throw .syntax("expected a natural number at byte \(start)") }
    guard position == start + 1 || bytes[start] != 0x30 else {
      throw .syntax("a number with a leading zero at byte \(start)")
    }
    return value
  }

  /// Parses a string with JSON escapes.
  mutating func string() throws(Failure) -> String {
    try take("\"")
    let start = position
    var text: [UInt8] = []
    while let byte = next, byte != 0x22 {
      guard byte >= 0x20 else { throw .syntax("a control character at byte \(position)") }
      position += 1
      if byte == 0x5C {
        text.append(contentsOf: try escape())
      } else {
        text.append(byte)
      }
    }
    try take("\"")
    guard let result = String(validating: text, as: UTF8.self) else {
      throw .syntax("text that is not UTF-8 at byte \(start)")
    }
    return result
  }

  private mutating func escape() throws(Failure) -> [UInt8] {
    guard let letter = next else { throw .syntax("the text ends within a string") }
    position += 1
    switch letter {
    case 0x22, 0x5C, 0x2F: return [letter]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw .syntax("an unknown escape at byte \(position - 1)")
    }
  }

  private mutating func unicodeEscape() throws(Failure) -> [UInt8] {
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code) {
      guard position + 1 < bytes.count, bytes[position] == 0x5C,
        bytes[position + 1] == UInt8(ascii: "u")
      else { throw .syntax("half a surrogate pair at byte \(position)") }
      position += 2
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else {
        throw .syntax("half a surrogate pair at byte \(position)")
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw .syntax("half a surrogate pair at byte \(position)")
    }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    guard position + 4 <= bytes.count else { throw .syntax("the text ends within a string") }
    var code: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw .syntax("an escape that is not hexadecimal at byte \(position)")
      }
      code = code << 4 | UInt32(digit)
    }
    position += 4
    return code
  }

  /// Checks that only spaces are left; the format pads a header with spaces.
  mutating func end() throws(Failure) {
    skipSpace()
    guard position == bytes.count else { throw .syntax("more text at byte \(position)") }
  }
}

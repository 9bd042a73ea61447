/// Distinguishes truncated files from damaged ones by the rules of the formats.
///
/// The messages of a decoder are not used, because they change with its version.
enum Truncation {
  /// Returns true if the bytes end before the end of the image.
  static func isCut(_ bytes: [UInt8]) -> Bool {
    if bytes.starts(with: [0xFF, 0xD8]) {
      // A thumbnail before the pixels has its own end marker.
      guard let header = JPEGHeader(bytes) else { return !has([0xFF, 0xD9], in: bytes[...]) }
      return !has([0xFF, 0xD9], in: bytes[header.scanOffset...])
    }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
      return !has(Array("IEND".utf8), in: bytes.suffix(64))
    }
    if bytes.starts(with: Array("GIF8".utf8)) { return bytes.last != 0x3B }
    if bytes.starts(with: Array("RIFF".utf8)) { return bytes.count < little(bytes, at: 4) + 8 }
    if bytes.starts(with: Array("BM".utf8)) { return bytes.count < little(bytes, at: 2) }
    if bytes.starts(with: Array("P5".utf8)) { return isCutPNM(bytes, channels: 1) }
    if bytes.starts(with: Array("P6".utf8)) { return isCutPNM(bytes, channels: 3) }
    return false
  }

  private static func has(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Bool {
    guard bytes.count >= pattern.count else { return false }
    return (bytes.startIndex...bytes.endIndex - pattern.count).reversed().contains { index in
      bytes[index] == pattern[0] && bytes[index...].starts(with: pattern)
    }
  }

  private static func little(_ bytes: [UInt8], at offset: Int) -> Int {
    guard offset + 4 <= bytes.count else { return .max / 2 }
    return bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Returns true if raw PNM has fewer bytes than its header states.
  private static func isCutPNM(_ bytes: [UInt8], channels: Int) -> Bool {
    var offset = 2
    var numbers: [Int] = []
    while numbers.count < 3 {
      guard offset < bytes.count else { return true }
      if bytes[offset] == UInt8(ascii: "#") {
        while offset < bytes.count, bytes[offset] != 0x0A { offset += 1 }
      } else if let digit = digit(bytes[offset]) {
        var number = digit
        offset += 1
        while offset < bytes.count, let digit = Self.digit(bytes[offset]) {
          number = min(number * 10 + digit, 1 << 30)
          offset += 1
        }
        numbers.append(number)
      } else {
        offset += 1
      }
    }
    return bytes.count - offset - 1 < numbers[0] * numbers[1] * channels
      * (numbers[2] > 255 ? 2 : 1)
  }

  private static func digit(_ byte: UInt8) -> Int? {
    (0x30...0x39).contains(byte) ? Int(byte) - 0x30 : nil
  }
}

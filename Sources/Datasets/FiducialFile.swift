import Foundation
import Imaging

/// The facial landmarks supplied with a dataset, in one text file per image.
package enum FiducialFile: Equatable {
  /// There is no such file.
  case none
  /// Landmarks as JSON, `[[x,y],...]`.
  case points(String)
  /// The file is not a list of points.
  case unusable

  package var json: String? {
    if case .points(let json) = self { json } else { nil }
  }

  /// The maximum size of a landmark file in bytes.
  private static let sizeLimit = 1 << 20

  /// Returns the landmarks of an image, if its dataset has such files.
  package static func points(beside entry: SourceEntry, _ manifest: DatasetManifest) -> FiducialFile
  {
    guard let rule = manifest.fiducials,
      let path = rule.path(
        for: String(
          decoding: entry.location.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)),
      case .success(let bytes) = SourceFile.read(Array(path.utf8CString), limit: sizeLimit).bytes
    else { return .none }
    return parse(bytes)
  }

  /// Parses one point per line, "x,y" in pixels.
  static func parse(_ text: [UInt8]) -> FiducialFile {
    var json: [UInt8] = []
    json.reserveCapacity(2 * text.count)
    for line in text.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
    {
      let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      guard fields.count == 2, let x = number(fields[0]), let y = number(fields[1]) else {
        return .unusable
      }
      json.append(json.isEmpty ? UInt8(ascii: "[") : UInt8(ascii: ","))
      json.append(UInt8(ascii: "["))
      json += x
      json.append(UInt8(ascii: ","))
      json += y
      json.append(UInt8(ascii: "]"))
    }
    guard !json.isEmpty else { return .unusable }
    return .points(String(decoding: json, as: UTF8.self) + "]")
  }

  /// Returns the number in `field` in JSON syntax; a number that is already valid JSON is kept as
  /// it is.
  private static func number(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    guard let first = field.firstIndex(where: { !isBlank($0) }),
      let last = field.lastIndex(where: { !isBlank($0) })
    else { return nil }
    let text = field[first...last]
    if isPlainDecimal(text) { return text }
    guard let number = Double(String(decoding: text, as: UTF8.self)), number.isFinite else {
      return nil
    }
    return Array("\(number)".utf8)[...]
  }

  /// Returns true if the text consists of digits and a decimal point.
  private static func isPlainDecimal(_ text: ArraySlice<UInt8>) -> Bool {
    var points = 0
    for byte in text {
      if byte == UInt8(ascii: ".") { points += 1 }
      guard byte == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      else {
        return false
      }
    }
    let zero = UInt8(ascii: "0")
    let point = UInt8(ascii: ".")
    return points <= 1 && text.first != point && text.last != point
      && (text.first != zero || text.count == 1 || text.dropFirst().first == point)
  }
}

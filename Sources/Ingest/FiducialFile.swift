import Foundation

/// The points of a face that come with a dataset, in a text file of their own for each image.
enum FiducialFile: Equatable {
  /// No file lies where it would.
  case none
  /// Points as JSON, `[[x,y],...]`.
  case points(String)
  /// A file that is no list of points.
  case unusable

  var json: String? {
    if case .points(let json) = self { json } else { nil }
  }

  /// The points of an image, where its dataset has such files.
  static func points(beside entry: SourceEntry, _ manifest: DatasetManifest) -> FiducialFile {
    guard let rule = manifest.fiducials,
      let path = rule.path(
        for: String(
          decoding: entry.location.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)),
      let data = FileManager.default.contents(atPath: path)
    else { return .none }
    return parse(String(decoding: data, as: UTF8.self))
  }

  /// Reads one point a line, "x,y" in pixels.
  static func parse(_ text: String) -> FiducialFile {
    var points: [String] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      guard fields.count == 2, fields.allSatisfy({ Double($0)?.isFinite == true }) else {
        return .unusable
      }
      points.append("[\(Double(fields[0]) ?? 0),\(Double(fields[1]) ?? 0)]")
    }
    return points.isEmpty ? .unusable : .points("[\(points.joined(separator: ","))]")
  }
}

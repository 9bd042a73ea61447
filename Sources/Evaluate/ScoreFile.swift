import Foundation

/// Comparisons in CSV, with the columns `score`, `genuine` (1 or 0) and, if wanted, `fold`.
public enum ScoreFile {
  /// Why a file of scores cannot be read; lines count from 1.
  public enum Failure: Error, Equatable, Sendable {
    /// The first line does not name `score` and `genuine`.
    case noHeader(found: String)
    /// A line has too few fields.
    case fields(line: Int, expected: Int, found: Int)
    /// A field is not what its column holds.
    case value(line: Int, column: String, text: String)
    /// There is not a genuine and an impostor comparison at least.
    case oneSided(genuine: Int, impostor: Int)
  }

  /// Reads the text of a file.
  public static func parse(_ text: String) throws(Failure) -> [Comparison] {
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    let header = lines.first.map { fields($0) } ?? []
    guard let score = header.firstIndex(of: "score"),
      let genuine = header.firstIndex(of: "genuine")
    else { throw .noHeader(found: lines.first.map(String.init) ?? "") }
    let fold = header.firstIndex(of: "fold")
    var comparisons: [Comparison] = []
    for (index, line) in lines.enumerated().dropFirst() where !line.allSatisfy(\.isWhitespace) {
      let values = fields(line)
      guard values.count == header.count else {
        throw .fields(line: index + 1, expected: header.count, found: values.count)
      }
      guard let number = Double(values[score]), number.isFinite else {
        throw .value(line: index + 1, column: "score", text: values[score])
      }
      guard let label = ["0": false, "1": true][values[genuine]] else {
        throw .value(line: index + 1, column: "genuine", text: values[genuine])
      }
      var foldNumber = 0
      if let fold {
        guard let number = Int(values[fold]), number >= 0 else {
          throw .value(line: index + 1, column: "fold", text: values[fold])
        }
        foldNumber = number
      }
      comparisons.append(Comparison(score: number, isGenuine: label, fold: foldNumber))
    }
    let genuineCount = comparisons.count { $0.isGenuine }
    guard genuineCount > 0, genuineCount < comparisons.count else {
      throw .oneSided(genuine: genuineCount, impostor: comparisons.count - genuineCount)
    }
    return comparisons
  }

  /// A field as RFC 4180 writes it: in quotes where it holds a comma, a quote or a line's end.
  public static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
    return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }

  private static func fields(_ line: Substring) -> [String] {
    var fields: [String] = [""]
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}

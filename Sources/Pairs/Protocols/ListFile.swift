import Foundation
import Shards

/// A text file of an official protocol, compared with the copy that its authors publish.
public struct ListFile: Sendable {
  /// The result of the comparison with the official file.
  public enum Status: String, Sendable, Codable {
    /// The bytes are the same.
    case identical
    /// The lines are the same; line endings, the final newline or a missing first line differ.
    case equivalent
    /// The lines differ.
    case different
  }

  /// The path of the file.
  public let path: String
  /// Its lines, without their endings.
  public let lines: [String]
  /// The result of the comparison with the official file; `nil` if the official one is not known.
  public let status: Status?

  /// Reads the file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - md5: the MD5 of the official file; `nil` if it is not known.
  ///   - lostHeader: the first line, which is missing in some copies.
  /// - Throws: ``ListError`` if it cannot be read as text.
  public init(_ path: String, md5: String? = nil, lostHeader: String? = nil) throws(ListError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ListError(path: path, line: nil, reason: "it cannot be read")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw ListError(path: path, line: nil, reason: "it is not text in UTF-8")
    }
    self.path = path
    var lines = text.replacing("\r\n", with: "\n").split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    if lines.first?.hasPrefix("\u{FEFF}") == true { lines[0].removeFirst() }
    while lines.last?.isEmpty == true { lines.removeLast() }
    self.lines = lines
    guard let md5 else {
      status = nil
      return
    }
    func digest(_ lines: [String]) -> String {
      Digest.md5(Array((lines.joined(separator: "\n") + "\n").utf8))
    }
    if Digest.md5(Array(data)) == md5 {
      status = .identical
    } else if digest(lines) == md5 || lostHeader.map({ digest([$0] + lines) == md5 }) == true {
      status = .equivalent
    } else {
      status = .different
    }
  }

  /// An error in line `index` + 1.
  func failure(_ index: Int?, _ reason: String) -> ListError {
    ListError(path: path, line: index.map { $0 + 1 }, reason: reason)
  }
}

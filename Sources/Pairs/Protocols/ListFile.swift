import Foundation
import Shards

/// A text file of an official protocol, held against the copy its authors publish.
public struct ListFile: Sendable {
  /// How the file compares with the official one.
  public enum Status: String, Sendable, Codable {
    /// The same bytes.
    case identical
    /// The same lines: another line ending, no newline at the end, or the first line lost.
    case equivalent
    /// Something else.
    case different
  }

  /// Where it lies.
  public let path: String
  /// Its lines, without their endings.
  public let lines: [String]
  /// How it compares with the official one; `nil` when that is not known.
  public let status: Status?

  /// Reads the file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - md5: the MD5 of the official file; `nil` when it is not known.
  ///   - lostHeader: the first line that some copies have lost.
  /// - Throws: ``ListError`` when it cannot be read as text.
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

  /// Refuses the file for what stands on line `index` + 1.
  func failure(_ index: Int?, _ reason: String) -> ListError {
    ListError(path: path, line: index.map { $0 + 1 }, reason: reason)
  }
}

import Configuration
import Foundation

/// A pattern over relative paths, with named parts for identity, pose and number.
///
/// `{identity}` matches a path component or a part of one. `{number:[0-9]+}` gives the regular
/// expression that the part must match. A repeated name matches the same text as its first
/// occurrence. All other text matches literally.
struct PathPattern {
  /// ICU's expression instead of Swift's `Regex`: it takes a third of the time, and it compares
  /// code points, so that a name that starts with a combining mark still matches after a slash.
  private let expression: NSRegularExpression
  /// The extensions of images in lower-case ASCII, in reverse order of their letters.
  private let extensions: [[UInt8]]
  /// Whether the pattern has a part named `pose`.
  let hasPoses: Bool
  private let hasNumbers: Bool

  /// The parts of a path that match the pattern.
  struct Match: Equatable {
    let identity: String
    let pose: String?
    let number: Int?
  }

  private static let names: Set<String> = ["identity", "pose", "number", "any"]

  init(_ pattern: String, extensions: [String], manifest: String) throws(ConfigurationError) {
    self.extensions = extensions.map { $0.lowercased().utf8.reversed() }
    hasPoses = pattern.contains("{pose")
    hasNumbers = pattern.contains("{number")
    do throws(Failure) {
      let source = try Self.expression(pattern, extensions: extensions)
      guard
        let expression = try? NSRegularExpression(
          pattern: "\\A(?:\(source))\\z", options: .dotMatchesLineSeparators)
      else {
        throw Failure(reason: "pattern \(pattern) is not a regular expression")
      }
      self.expression = expression
    } catch {
      throw ConfigurationError(
        what: "manifest", path: manifest, reason: error.reason)
    }
  }

  private struct Failure: Error {
    let reason: String
  }

  private static func expression(
    _ pattern: String, extensions: [String]
  ) throws(Failure) -> String {
    var source = ""
    var seen: Set<String> = []
    var rest = pattern[...]
    while let open = rest.firstIndex(of: "{") {
      source += escaped(rest[..<open])
      guard let close = closing(rest, from: open) else {
        throw Failure(reason: "pattern \(pattern) has { without }")
      }
      let part = rest[rest.index(after: open)..<close]
      let halves = part.split(separator: ":", maxSplits: 1)
      let name = halves.first.map(String.init) ?? ""
      guard names.contains(name), halves.count == 1 || !seen.contains(name) else {
        throw Failure(
          reason: "pattern \(pattern): {\(part)} is not identity, pose, number or any, or it gives "
            + "a second expression")
      }
      let isNew = seen.insert(name).inserted
      source +=
        isNew ? "(?<\(name)>\(halves.count > 1 ? String(halves[1]) : "[^/]+"))" : "\\k<\(name)>"
      rest = rest[rest.index(after: close)...]
    }
    guard seen.contains("identity") else {
      throw Failure(reason: "pattern \(pattern) has no {identity}")
    }
    // Extensions are case-insensitive.
    guard let dot = rest.lastIndex(of: "."),
      extensions.contains(rest[rest.index(after: dot)...].lowercased())
    else { return source + escaped(rest) }
    return source + escaped(rest[...dot]) + "(?i:\(escaped(rest[rest.index(after: dot)...])))"
  }

  /// Returns the brace that closes the one at `open`; a regular expression may contain braces.
  private static func closing(_ text: Substring, from open: String.Index) -> String.Index? {
    var depth = 0
    for index in text[open...].indices {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" { depth -= 1 }
      if depth == 0 { return index }
    }
    return nil
  }

  private static func escaped(_ text: Substring) -> String {
    text.map { #".^$*+?()[]{}|\"#.contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  /// Returns true if the file has an image extension and is not hidden.
  func isImage(_ path: String) -> Bool {
    hasImageEnding(path) && !Self.isHidden(path)
  }

  /// Returns true if the name of the file or of one of its folders marks it as hidden.
  ///
  /// File managers, notebooks and archives create such files, which are not photographs.
  private static func isHidden(_ path: String) -> Bool {
    var path = path
    return path.withUTF8 { bytes in
      var start = 0
      while start < bytes.count {
        // Paths in additional folders begin with "../".
        let isUp = bytes[start...].starts(with: [0x2E, 0x2E, 0x2F])
        if bytes[start] == UInt8(ascii: ".") && !isUp { return true }
        if bytes[start...].starts(with: "__MACOSX/".utf8) { return true }
        guard let slash = bytes[start...].firstIndex(of: 0x2F) else { return false }
        start = slash + 1
      }
      return false
    }
  }

  private func hasImageEnding(_ path: String) -> Bool {
    var ending: [UInt8] = []
    for byte in path.utf8.reversed() {
      if byte == UInt8(ascii: ".") { return extensions.contains(ending) }
      guard ending.count < Self.longestEnding else { return false }
      let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      ending.append(isUpper ? byte + 0x20 : byte)
    }
    return false
  }

  private static let longestEnding = 8

  /// Returns the parts of the path, or `nil` if it does not match the pattern.
  func match(_ path: String) -> Match? {
    guard isImage(path),
      let match = expression.firstMatch(
        in: path, options: .anchored, range: NSRange(location: 0, length: path.utf16.count))
    else { return nil }
    func part(_ name: String) -> String? {
      Range(match.range(withName: name), in: path).map { String(path[$0]) }
    }
    guard let identity = part("identity") else { return nil }
    return Match(
      identity: identity, pose: hasPoses ? part("pose") : nil,
      number: hasNumbers ? part("number").flatMap { Int($0) } : nil)
  }
}

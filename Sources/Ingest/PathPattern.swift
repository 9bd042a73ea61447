/// A pattern over relative paths whose named parts tell identity, pose and number.
///
/// `{identity}` stands for one component of a path or a part of it; `{number:[0-9]+}` gives the
/// regular expression the part must match. Everything else stands for itself.
struct PathPattern {
  private let expression: Regex<AnyRegexOutput>
  private let extensions: Set<String>

  /// What a path tells of its image.
  struct Match: Equatable {
    let identity: String
    let pose: String?
    let number: Int?
  }

  private static let names: Set<String> = ["identity", "pose", "number", "any"]

  init(_ pattern: String, extensions: [String], manifest: String) throws(IngestError) {
    self.extensions = Set(extensions.map { $0.lowercased() })
    do throws(Failure) {
      let source = try Self.expression(pattern)
      guard let expression = try? Regex(source) else {
        throw Failure(reason: "pattern \(pattern) is no regular expression")
      }
      self.expression = expression.anchorsMatchLineEndings(false)
    } catch {
      throw .badManifest(path: manifest, reason: error.reason)
    }
  }

  private struct Failure: Error {
    let reason: String
  }

  private static func expression(_ pattern: String) throws(Failure) -> String {
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
      guard names.contains(name), seen.insert(name).inserted else {
        throw Failure(
          reason: "pattern \(pattern): {\(part)} is not identity, pose, number or any, each once")
      }
      source += "(?<\(name)>\(halves.count > 1 ? String(halves[1]) : "[^/]+"))"
      rest = rest[rest.index(after: close)...]
    }
    guard seen.contains("identity") else {
      throw Failure(reason: "pattern \(pattern) has no {identity}")
    }
    return source + escaped(rest)
  }

  /// The brace that closes the one at `open`; a regular expression may have braces of its own.
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

  /// Whether the file's ending is that of an image.
  func isImage(_ path: String) -> Bool {
    guard let dot = path.lastIndex(of: ".") else { return false }
    return extensions.contains(path[path.index(after: dot)...].lowercased())
  }

  /// What the path tells, or `nil` when it does not follow the pattern.
  func match(_ path: String) -> Match? {
    guard isImage(path), let match = try? expression.wholeMatch(in: path) else { return nil }
    func part(_ name: String) -> String? { match[name]?.substring.map(String.init) }
    guard let identity = part("identity") else { return nil }
    return Match(identity: identity, pose: part("pose"), number: part("number").flatMap { Int($0) })
  }
}

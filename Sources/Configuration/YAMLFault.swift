internal import Yams

/// A problem in a file, described for the user.
package struct YAMLFault: Error {
  package let reason: String

  package init(reason: String) { self.reason = reason }

  /// Describes a decoder's error about `node`, the content of the file.
  init(_ error: any Error, in node: Node?) {
    switch error {
    case let fault as YAMLFault: self = fault
    case let error as YamlError: reason = Self.words(error)
    case DecodingError.keyNotFound(let key, let context):
      reason = "it lacks \(Self.place(context, with: key.stringValue))"
    case DecodingError.dataCorrupted(let context):
      // Yams stores errors in the YAML text as the underlying error.
      if let error = context.underlyingError as? YamlError {
        reason = Self.words(error)
      } else {
        reason = "\(Self.place(context)): \(context.debugDescription)"
      }
    case DecodingError.typeMismatch(let type, let context),
      DecodingError.valueNotFound(let type, let context):
      let place = Self.place(context)
      reason =
        (place.isEmpty ? "" : "\(place): ")
        + "it must be \(Self.kind(type)), not \(Self.kind(node, at: context.codingPath))"
    default: reason = "\(error)"
    }
  }

  private static func place(_ context: DecodingError.Context, with key: String? = nil) -> String {
    (context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      + (key.map { [$0] } ?? [])).joined(separator: ".")
  }

  /// Returns the user's term for a type of the decoder.
  private static func kind(_ type: any Any.Type) -> String {
    switch type {
    case is any FixedWidthInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "text"
    case is [Any].Type, is Node.Sequence.Type: "a list"
    default: "options"
    }
  }

  /// Returns the kind of value at a position in the file.
  private static func kind(_ node: Node?, at path: [any CodingKey]) -> String {
    var node = node
    for key in path {
      node =
        key.intValue.flatMap { index in
          node?.sequence.flatMap { $0.indices.contains(index) ? $0[index] : nil }
        } ?? node?.mapping?[Node(key.stringValue)]
    }
    switch node {
    case .mapping: return "options"
    case .sequence: return "a list"
    case .scalar(let scalar):
      if scalar.string.isEmpty || scalar.string == "null" || scalar.string == "~" {
        return "nothing"
      }
      if Int(scalar.string) != nil { return "a whole number" }
      if Double(scalar.string) != nil { return "a number" }
      return ["true", "false"].contains(scalar.string) ? "true or false" : "text"
    case .alias, nil: return "something else"
    }
  }

  /// Describes where the text is not valid YAML.
  private static func words(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line), column \(mark.column): it is not YAML: \(problem)"
    case .duplicatedKeysInMapping(let duplicates, _):
      "\(duplicates.joined(separator: ", ")) appears twice"
    default: "it is not YAML"
    }
  }
}

internal import Yams

private struct Failure: Error {
  let reason: String
}

/// Files in YAML of which every key must be known and may be set from outside.
enum StrictYAML {
  /// Reads a value.
  ///
  /// - Parameters:
  ///   - type: what is read.
  ///   - yaml: the text of the file.
  ///   - path: names the file in errors.
  ///   - settings: values by dotted key that go over the file's.
  /// - Returns: the value.
  /// - Throws: ``TrainError/badRecipe(path:reason:)``, also for a key that nothing reads.
  static func decode<Value: Codable>(
    _ type: Value.Type, from yaml: String, path: String,
    settings: [(key: String, value: String)] = []
  ) throws(TrainError) -> Value {
    do {
      guard var node = try Yams.compose(yaml: yaml) else { throw Failure(reason: "it is empty") }
      for (key, value) in settings {
        try set(value, at: key.split(separator: ".").map(String.init), key: key, in: &node)
      }
      let value = try YAMLDecoder().decode(type, from: node)
      guard let known = try Yams.compose(yaml: encode(value)) else {
        throw Failure(reason: "it cannot be written again")
      }
      try refuseUnknown(in: node, known: known, at: "")
      return value
    } catch {
      throw .badRecipe(path: path, reason: describe(error))
    }
  }

  /// The value as a file, complete.
  static func encode(_ value: some Encodable) throws -> String { try YAMLEncoder().encode(value) }

  private static func set(
    _ value: String, at path: [String], key: String, in node: inout Node
  ) throws {
    guard let first = path.first else { return }
    if let place = Int(first), let sequence = node.sequence, sequence.indices.contains(place) {
      var child = sequence[place]
      try set(value, at: Array(path.dropFirst()), key: key, in: &child)
      node.sequence?[place] = child
      return
    }
    guard var child = node.mapping?[Node(first)] else {
      throw Failure(reason: "it has no \(key) to set; write what is new into a file of your own")
    }
    if path.count == 1 {
      guard child.scalar != nil else {
        throw Failure(reason: "\(key) is not a single value")
      }
      child = Node(value)
    } else {
      try set(value, at: Array(path.dropFirst()), key: key, in: &child)
    }
    node.mapping?[Node(first)] = child
  }

  /// A key that nothing reads is a slip of the pen: it must not pass in silence.
  private static func refuseUnknown(in node: Node, known: Node, at place: String) throws {
    if let mapping = node.mapping, let other = known.mapping {
      for (key, value) in mapping {
        let name = key.scalar?.string ?? ""
        guard let match = other[key] else {
          throw Failure(reason: "\(place)\(name) is not known")
        }
        try refuseUnknown(in: value, known: match, at: "\(place)\(name).")
      }
    } else if let sequence = node.sequence, let other = known.sequence {
      for (index, pair) in zip(sequence, other).enumerated() {
        try refuseUnknown(in: pair.0, known: pair.1, at: "\(place)\(index).")
      }
    }
  }

  /// What may stand where one name over its options does.
  private static let choices: [String: [String]] = [
    "optimizer": ["sgd", "adam", "adamw", "nadam", "rmsprop"],
    "schedule": ["constant", "exponential", "step", "cosine", "halve-on-rise", "one-cycle"],
    "head": ["weighted-difference"],
    "weights": initializers, "biases": initializers,
  ]
  private static let initializers = [
    "glorot-uniform", "glorot-normal", "he-uniform", "he-normal", "uniform", "normal",
    "truncated-normal", "constant", "identity-affine",
  ]

  /// The decoder's words in a user's.
  private static func plain(_ text: String, _ key: (any CodingKey)?) -> String {
    let words = ["Scalar": "a single value", "Mapping": "options", "Sequence": "a list"]
    var text = text.hasSuffix(".") ? String(text.dropLast()) : text
    if let known = key.flatMap({ choices[$0.stringValue] }),
      text.contains("number of keys") || text.contains("decode Mapping")
    {
      return "there must be one name over its options, of \(known.joined(separator: ", "))"
    }
    if text.hasPrefix("Expected to decode ") {
      text = text.replacing("Expected to decode ", with: "it must be ")
        .replacing(" but found ", with: ", not ").replacing(" instead", with: "")
        .replacing("Int", with: "a whole number").replacing("Node", with: "a single value")
      for (word, plain) in words { text = text.replacing(word, with: plain) }
    }
    return text
  }

  private static func describe(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        .joined(separator: ".")
    }
    switch error {
    case let failure as Failure: return failure.reason
    case DecodingError.keyNotFound(let key, let context):
      let at = place(context)
      return "it lacks \(at.isEmpty ? "" : at + ".")\(key.stringValue)"
    case DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
      DecodingError.valueNotFound(_, let context):
      return "\(place(context)): \(plain(context.debugDescription, context.codingPath.last))"
    default: return "\(error)"
    }
  }
}

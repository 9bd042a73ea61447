internal import Yams

/// Why a file of settings cannot be used.
public struct ConfigurationError: Error, Equatable, Sendable {
  /// The file.
  public let path: String
  /// What is wrong, in the words of a user.
  public let reason: String

  /// A file that cannot be used.
  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }
}

private struct Failure: Error {
  let reason: String
}

/// Files in YAML of which every key must be known and may be set from outside.
public enum StrictYAML {
  /// Reads a value.
  ///
  /// - Parameters:
  ///   - type: what is read.
  ///   - yaml: the text of the file.
  ///   - path: names the file in errors.
  ///   - keys: the keys of the file, to name the nearest one for a key that nothing reads.
  ///   - settings: values by dotted key that go over the file's.
  /// - Returns: the value.
  /// - Throws: ``ConfigurationError``, also for a key that nothing reads.
  public static func decode<Value: Codable>(
    _ type: Value.Type, from yaml: String, path: String, keys: [String] = [],
    settings: [(key: String, value: String)] = []
  ) throws(ConfigurationError) -> Value {
    do {
      guard var node = try Yams.compose(yaml: yaml) else { throw Failure(reason: "it is empty") }
      for (key, value) in settings {
        try check(key, in: node)
        try set(value, at: key.split(separator: ".").map(String.init), key: key, in: &node)
      }
      let value = try YAMLDecoder().decode(type, from: node)
      guard let known = try Yams.compose(yaml: encode(value)) else {
        throw Failure(reason: "it cannot be written again")
      }
      try refuseUnknown(in: node, known: known, at: "", keys: keys)
      return value
    } catch {
      throw ConfigurationError(path: path, reason: describe(error))
    }
  }

  /// The value as a file, complete.
  ///
  /// Numbers stand as a person would write them: the encoder has 0.01 as 9.99999977e-3.
  public static func encode(_ value: some Encodable) throws -> String {
    try YAMLEncoder().encode(value).replacing(
      /(?<before>: |- |, |\[)(?<number>-?\d+(?:\.\d+)?e[-+]?\d+)(?=$|[,\]}\n])/
        .anchorsMatchLineEndings()
    ) { match in
      let number = Double(match.number) ?? 0
      let short = Float(number)
      // What a 32-bit float holds is written with as few digits as tell it from its neighbours.
      let isShort = abs(Double(short) - number) <= 1e-8 * abs(number)
      return match.before + (isShort ? "\(short)" : "\(number)")
    }
  }

  /// Refuses a key that the file does not have with the nearest one it has.
  private static func check(_ key: String, in node: Node) throws {
    let known = leaves(of: node, at: "")
    guard !known.contains(where: { $0 == key || $0.hasPrefix(key + ".") }) else { return }
    // A key above others is meant as often as one of a single value.
    let named = Set(
      known.flatMap { leaf in
        let words = leaf.split(separator: ".")
        return (1...max(1, words.count)).map { words.prefix($0).joined(separator: ".") }
      }
    ).sorted()
    let nearest = NearestName.nearest(to: key, among: named)
    throw Failure(
      reason: "it has no \(key) to set; "
        + (nearest.map { "did you mean \($0)?" } ?? "write what is new into a file of your own"))
  }

  /// The dotted keys of all single values.
  private static func leaves(of node: Node, at place: String) -> [String] {
    if let mapping = node.mapping {
      return mapping.flatMap { key, value in
        leaves(of: value, at: place + (place.isEmpty ? "" : ".") + (key.scalar?.string ?? ""))
      }
    }
    if let sequence = node.sequence {
      return sequence.enumerated().flatMap { leaves(of: $0.element, at: "\(place).\($0.offset)") }
    }
    return [place]
  }

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

  /// Refuses keys that nothing reads, since they are probably misspelled.
  private static func refuseUnknown(
    in node: Node, known: Node, at place: String, keys: [String] = []
  ) throws {
    if let mapping = node.mapping, let other = known.mapping {
      for (key, value) in mapping {
        let name = key.scalar?.string ?? ""
        guard let match = other[key] else {
          let all = keys.isEmpty ? other.keys.compactMap { $0.scalar?.string } : keys
          let nearest = NearestName.nearest(to: name, among: all)
          throw Failure(
            reason: "\(place)\(name) is not known" + (nearest.map { "; did you mean \($0)?" } ?? "")
          )
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
    if let known = key.flatMap({ choices[$0.stringValue] }),
      text.contains("number of keys") || text.contains("decode Mapping")
    {
      return "there must be one name over its options, of \(known.joined(separator: ", "))"
    }
    if let match = text.firstMatch(
      of: /Expected to decode (.+?) but found (?:an? )?(.+?)(?: instead)?\.?$/)
    {
      return "it must be \(kind(match.1)), not \(kind(match.2))"
    }
    if let match = text.firstMatch(of: /Cannot initialize \w+ from invalid String value (.*)/) {
      return "it cannot be \(match.1)"
    }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// What a type of the decoder is to somebody who writes a file.
  private static func kind(_ type: Substring) -> String {
    let kinds: [(String, String)] = [
      ("Dictionary", "options"), ("Mapping", "options"), ("Array", "a list"),
      ("Sequence", "a list"), ("Int", "a whole number"), ("Float", "a number"),
      ("Double", "a number"), ("Bool", "true or false"), ("String", "text"),
      ("Scalar", "a single value"), ("Node", "a single value"), ("null", "nothing"),
    ]
    return kinds.first { type.contains($0.0) }?.1 ?? "something else"
  }

  private static func describe(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        .joined(separator: ".")
    }
    switch error {
    case let failure as Failure: return failure.reason
    case let error as YamlError: return describe(error)
    case DecodingError.keyNotFound(let key, let context):
      let at = place(context)
      return "it lacks \(at.isEmpty ? "" : at + ".")\(key.stringValue)"
    case DecodingError.dataCorrupted(let context):
      // Yams puts what it says of the text itself below.
      if let error = context.underlyingError as? YamlError { return describe(error) }
      return "\(place(context)): \(plain(context.debugDescription, context.codingPath.last))"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      let at = place(context)
      return (at.isEmpty ? "" : "\(at): ")
        + plain(context.debugDescription, context.codingPath.last)
    default: return "\(error)"
    }
  }

  /// Where the text stops to be YAML.
  private static func describe(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line), column \(mark.column): it is not YAML: \(problem)"
    case .duplicatedKeysInMapping(let duplicates, _):
      "\(duplicates.joined(separator: ", ")) is there twice"
    default: "it is not YAML"
    }
  }
}

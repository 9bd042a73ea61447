internal import Yams

/// YAML files in which unknown keys are errors.
public enum StrictYAML {
  /// Decodes a value.
  ///
  /// - Parameters:
  ///   - type: the type of the value.
  ///   - yaml: the text of the file.
  ///   - what: the kind of file, as "recipe".
  ///   - path: the name of the file in errors.
  ///   - keys: the keys of the file, to suggest the nearest one for an unknown key.
  ///   - userInfo: context for decoding the types.
  ///   - prepare: changes the file before it is decoded.
  /// - Returns: the value.
  /// - Throws: ``ConfigurationError``, also for an unknown key.
  package static func decode<Value: Codable>(
    _ type: Value.Type, from yaml: String, what: String, path: String, keys: [String] = [],
    userInfo: [CodingUserInfoKey: any Sendable] = [:],
    prepare: (inout YAMLDocument) throws -> Void = { _ in }
  ) throws(ConfigurationError) -> Value {
    var node: Node?
    do {
      var document = try YAMLDocument(yaml: yaml)
      try prepare(&document)
      let file = document.node
      node = file
      let value = try YAMLDecoder().decode(type, from: file, userInfo: userInfo)
      guard let known = try Yams.compose(yaml: encode(value)) else {
        throw YAMLFault(reason: "it cannot be written again")
      }
      try refuseUnknown(in: file, known: known, at: "", keys: keys)
      return value
    } catch {
      throw ConfigurationError(
        what: what, path: path, reason: YAMLFault(error, in: node).reason)
    }
  }

  /// Returns the value as a complete file.
  ///
  /// Numbers are written in a readable form, because the encoder writes 0.01 as 9.99999977e-3.
  public static func encode(_ value: some Encodable) throws -> String {
    try YAMLEncoder().encode(value).replacing(
      /(?<before>: |- |, |\[)(?<number>-?\d+(?:\.\d+)?e[-+]?\d+)(?=$|[,\]}\n])/
        .anchorsMatchLineEndings()
    ) { match in
      let number = Double(match.number) ?? 0
      let short = Float(number)
      // A value that a 32-bit float represents is written with the fewest digits that identify it.
      let isShort = abs(Double(short) - number) <= 1e-8 * abs(number)
      return match.before + (isShort ? "\(short)" : "\(number)")
    }
  }

  /// Rejects unknown keys, because they are probably misspelled.
  private static func refuseUnknown(
    in node: Node, known: Node, at place: String, keys: [String] = []
  ) throws {
    if let mapping = node.mapping, let other = known.mapping {
      for (key, value) in mapping {
        let name = key.scalar?.string ?? ""
        guard let match = other[key] else {
          // A key without a value is one that is left out: --set score=null takes a value away.
          if keys.contains(name), value.null != nil { continue }
          let all = keys.isEmpty ? other.keys.compactMap { $0.scalar?.string } : keys
          let nearest = NearestName.nearest(to: name, among: all)
          throw YAMLFault(
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
}

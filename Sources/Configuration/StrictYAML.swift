internal import Yams

/// Files in YAML of which every key must be known and may be set from outside.
public enum StrictYAML {
  /// Reads a value.
  ///
  /// - Parameters:
  ///   - type: what is read.
  ///   - yaml: the text of the file.
  ///   - what: what the file is, as "recipe".
  ///   - path: names the file in errors.
  ///   - keys: the keys of the file, to name the nearest one for a key that nothing reads.
  ///   - settings: values by dotted key that go over the file's.
  ///   - userInfo: what the types need to decode.
  /// - Returns: the value.
  /// - Throws: ``ConfigurationError``, also for a key that nothing reads.
  public static func decode<Value: Codable>(
    _ type: Value.Type, from yaml: String, what: String, path: String, keys: [String] = [],
    settings: [(key: String, value: String)] = [],
    userInfo: [CodingUserInfoKey: any Sendable] = [:]
  ) throws(ConfigurationError) -> Value {
    var node: Node?
    do {
      guard var file = try Yams.compose(yaml: yaml) else {
        throw YAMLFault(reason: "it is empty")
      }
      try YAMLSettings.apply(settings, to: &file)
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

/// A coding key with an arbitrary name.
package struct AnyCodingKey: CodingKey {
  package let stringValue: String
  package var intValue: Int? { nil }
  package init(stringValue: String) { self.stringValue = stringValue }
  package init?(intValue: Int) { return nil }
}

/// An empty set of options.
package struct NoOptions: Codable {
  package init() {}
}

/// A name with options, the form of a layer, a loss or a sampler in a file: `triplet: {margin:
/// 0.2}`.
///
/// Unknown names and options are rejected, and the error suggests the nearest known one.
package struct NamedOptions {
  /// The name in the file.
  package let name: String
  private let container: KeyedDecodingContainer<AnyCodingKey>

  /// Reads the name.
  ///
  /// - Parameters:
  ///   - what: the kind of object, as "loss".
  ///   - names: the known names.
  ///   - decoder: the decoder at the current position in the file.
  /// - Throws: `DecodingError` that suggests the nearest known name if the name is unknown.
  package init(_ what: String, among names: [String], from decoder: any Decoder) throws {
    container = try decoder.container(keyedBy: AnyCodingKey.self)
    let keys = container.allKeys.map(\.stringValue)
    guard keys.count == 1, let key = keys.first else {
      throw DecodingError.at(
        decoder.codingPath, "a \(what) is one name over its options, not \(keys.count)")
    }
    guard names.contains(key) else {
      throw DecodingError.at(
        decoder.codingPath, "there is no \(what) \(key)" + NearestName.hint(key, among: names))
    }
    name = key
  }

  private var key: AnyCodingKey { AnyCodingKey(stringValue: name) }

  /// Reads a name of `Name` together with its options.
  ///
  /// - Throws: `DecodingError` that suggests the nearest known name if the name is unknown.
  package static func read<Name: RawRepresentable & CaseIterable>(
    _ what: String, _ type: Name.Type, from decoder: any Decoder
  ) throws -> (name: Name, options: NamedOptions) where Name.RawValue == String {
    let named = try NamedOptions(what, among: type.allCases.map(\.rawValue), from: decoder)
    guard let name = Name(rawValue: named.name) else { preconditionFailure("it is one of them") }
    return (name, named)
  }

  /// Reads the options.
  ///
  /// - Parameters:
  ///   - type: the type of the options.
  ///   - known: the known options.
  /// - Returns: the options.
  /// - Throws: `DecodingError` that suggests the nearest known option if an option is unknown.
  package func options<Options: Decodable>(
    _ type: Options.Type, _ known: String...
  ) throws -> Options {
    try check(known)
    return try value(type)
  }

  /// The former names of options.
  private static let formerNames = [
    "weights": "kernel-initializer", "biases": "bias-initializer",
  ]

  /// Rejects options that are not among `known`; for a former name, the error gives the current
  /// one.
  package func check(_ known: [String]) throws {
    let given = try container.nestedContainer(keyedBy: AnyCodingKey.self, forKey: key)
    for option in given.allKeys where !known.contains(option.stringValue) {
      let former = Self.formerNames[option.stringValue].flatMap { known.contains($0) ? $0 : nil }
      throw DecodingError.at(
        given.codingPath,
        "\(name) has no option \(option.stringValue)"
          + (former.map { "; it is called \($0)" }
            ?? NearestName.hint(option.stringValue, among: known)))
    }
  }

  /// Reads the value of the name if it is not a set of options.
  package func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try container.decode(type, forKey: key)
  }
}

extension DecodingError {
  /// Returns an error at a position in a file.
  package static func at(_ path: [any CodingKey], _ reason: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: path, debugDescription: reason))
  }
}

extension NearestName {
  /// Reads one of the names that an option accepts.
  ///
  /// - Parameter decoder: the decoder at the current position in the file.
  /// - Returns: the choice with that name.
  /// - Throws: `DecodingError` that suggests the nearest known name if the name is unknown.
  package static func choice<Choice: RawRepresentable & CaseIterable>(
    from decoder: any Decoder
  ) throws -> Choice where Choice.RawValue == String {
    let name = try decoder.singleValueContainer().decode(String.self)
    return try choice(name, orSay: "it cannot be \(name)", decoder.codingPath)
  }

  fileprivate static func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, orSay reason: String, _ path: [any CodingKey]
  ) throws -> Choice where Choice.RawValue == String {
    guard let choice = Choice(rawValue: name) else {
      throw DecodingError.at(path, reason + hint(name, among: Choice.allCases.map(\.rawValue)))
    }
    return choice
  }
}

/// A choice between names; an error about an unknown name suggests the nearest known one.
public protocol NamedChoice: RawRepresentable, CaseIterable, Codable where RawValue == String {}

extension NamedChoice {
  /// Reads the name.
  ///
  /// - Throws: `DecodingError` that suggests the nearest known name if the name is unknown.
  public init(from decoder: any Decoder) throws {
    self = try NearestName.choice(from: decoder)
  }
}

/// A key that is whatever a file says.
package struct AnyCodingKey: CodingKey {
  package let stringValue: String
  package var intValue: Int? { nil }
  package init(stringValue: String) { self.stringValue = stringValue }
  package init?(intValue: Int) { return nil }
}

/// No options.
package struct NoOptions: Codable {
  package init() {}
}

/// One name over its options, as files give a layer, a loss or a sampler: `triplet: {margin: 0.2}`.
///
/// Other names and options than those known are refused with the nearest one.
package struct NamedOptions {
  /// The name that is given.
  package let name: String
  private let container: KeyedDecodingContainer<AnyCodingKey>

  /// Reads the name.
  ///
  /// - Parameters:
  ///   - what: what has the name, as "loss".
  ///   - names: the names there are.
  ///   - decoder: where the file stands.
  /// - Throws: `DecodingError` that names the nearest one when there is none of that name.
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

  /// Reads one of the names of `Name` with what stands under it.
  ///
  /// - Throws: `DecodingError` that names the nearest one when there is none of that name.
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
  ///   - type: what they are read as.
  ///   - known: the options there are.
  /// - Returns: the options.
  /// - Throws: `DecodingError` that names the nearest option when there is none of a name.
  package func options<Options: Decodable>(
    _ type: Options.Type, _ known: String...
  ) throws -> Options {
    try check(known)
    return try value(type)
  }

  /// What options were called before.
  private static let formerNames = [
    "weights": "kernel-initializer", "biases": "bias-initializer",
  ]

  /// Refuses options that are not among `known`; one of a former name with the name it has now.
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

  /// Reads what stands under the name where that is no set of options.
  package func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try container.decode(type, forKey: key)
  }
}

extension DecodingError {
  /// A failure at a place of a file.
  package static func at(_ path: [any CodingKey], _ reason: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: path, debugDescription: reason))
  }
}

extension NearestName {
  /// Reads one of the names that an option may have.
  ///
  /// - Parameter decoder: where the file stands.
  /// - Returns: the choice of that name.
  /// - Throws: `DecodingError` that names the nearest one when there is none of that name.
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

/// One of some names, of which another is refused with the nearest one.
public protocol NamedChoice: RawRepresentable, CaseIterable, Codable where RawValue == String {}

extension NamedChoice {
  /// Reads the name.
  ///
  /// - Throws: `DecodingError` that names the nearest one when there is none of that name.
  public init(from decoder: any Decoder) throws {
    self = try NearestName.choice(from: decoder)
  }
}

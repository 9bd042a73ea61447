/// One name over its options, as files give a loss or a sampler: `triplet: {margin: 0.2}`.
package struct NamedOptions {
  /// The name.
  package let name: String
  private let container: KeyedDecodingContainer<AnyKey>

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
  }

  /// Reads the name.
  ///
  /// - Parameters:
  ///   - what: what has the name, as "loss".
  ///   - decoder: where the file stands.
  ///   - known: the names there are.
  /// - Throws: `DecodingError` that names the nearest one when there is none of that name.
  package init(_ what: String, from decoder: any Decoder, known: [String]) throws {
    container = try decoder.container(keyedBy: AnyKey.self)
    let keys = container.allKeys.map(\.stringValue)
    guard keys.count == 1, let name = keys.first else {
      throw Self.failure(
        decoder.codingPath, "a \(what) is one name over its options, not \(keys.count)")
    }
    guard known.contains(name) else {
      throw Self.failure(
        decoder.codingPath,
        "there is no \(what) \(name)\(NearestName.hint(name, among: known))")
    }
    self.name = name
  }

  /// Reads the options.
  ///
  /// - Parameters:
  ///   - type: what they are read as.
  ///   - names: the options there are.
  /// - Returns: the options.
  /// - Throws: `DecodingError` that names the nearest option when there is none of a name.
  package func options<Options: Decodable>(
    _ type: Options.Type, _ names: String...
  ) throws -> Options {
    try check(names)
    return try container.decode(type, forKey: AnyKey(stringValue: name))
  }

  /// Refuses options that are not among `names`.
  package func check(_ names: [String]) throws {
    let given = try container.nestedContainer(
      keyedBy: AnyKey.self, forKey: AnyKey(stringValue: name))
    for option in given.allKeys where !names.contains(option.stringValue) {
      throw Self.failure(
        given.codingPath,
        "\(name) has no option \(option.stringValue)"
          + NearestName.hint(option.stringValue, among: names))
    }
  }

  /// Reads one of the names that an option may have.
  ///
  /// - Parameter decoder: where the file stands.
  /// - Returns: the choice of that name.
  /// - Throws: `DecodingError` that names the nearest one when there is none of that name.
  package static func choice<Choice: RawRepresentable & CaseIterable>(
    from decoder: any Decoder
  ) throws -> Choice where Choice.RawValue == String {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let choice = Choice(rawValue: name) else {
      throw failure(
        decoder.codingPath,
        "it cannot be \(name)\(NearestName.hint(name, among: Choice.allCases.map(\.rawValue)))")
    }
    return choice
  }

  private static func failure(_ path: [any CodingKey], _ reason: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: path, debugDescription: reason))
  }
}

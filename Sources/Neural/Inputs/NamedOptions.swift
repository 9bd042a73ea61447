/// A key that is whatever a file says.
struct AnyCodingKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { return nil }
}

/// One name over its options, as `name: {option: value}` in a file; others than those known are
/// refused with the nearest one.
struct NamedOptions<Name: RawRepresentable & CaseIterable> where Name.RawValue == String {
  /// The name that is given.
  let name: Name
  private let what: String
  private let container: KeyedDecodingContainer<AnyCodingKey>

  /// Reads the name; `what` is what it names, as "augmentation".
  init(_ what: String, from decoder: any Decoder) throws {
    self.what = what
    container = try decoder.container(keyedBy: AnyCodingKey.self)
    let keys = container.allKeys.map(\.stringValue)
    func failure(_ reason: String) -> DecodingError {
      .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: reason))
    }
    guard keys.count == 1, let key = keys.first else {
      throw failure("\(what) is one name over its options, not \(keys.count)")
    }
    guard let name = Name(rawValue: key) else {
      throw failure(
        "there is no \(what) \(key)" + NearestName.hint(key, among: Name.allCases.map(\.rawValue)))
    }
    self.name = name
  }

  /// The options, of which only `known` may be given.
  func options<Options: Decodable>(_ type: Options.Type, _ known: String...) throws -> Options {
    let key = AnyCodingKey(stringValue: name.rawValue)
    let given = try container.nestedContainer(keyedBy: AnyCodingKey.self, forKey: key)
    for option in given.allKeys where !known.contains(option.stringValue) {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: given.codingPath,
          debugDescription: "\(name.rawValue) has no option \(option.stringValue)"
            + NearestName.hint(option.stringValue, among: known)))
    }
    return try container.decode(type, forKey: key)
  }
}

/// No options.
struct NoOptions: Codable {}

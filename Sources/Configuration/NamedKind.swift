/// One of several kinds that a file names, with its options: a kind of layer, loss or optimiser.
///
/// A decoder gets the list of the kinds in its user info, so that the types which contain a kind do not
/// depend on the list.
package protocol NamedKind: Codable, Equatable, Sendable {
  /// The name in a file.
  static var name: String { get }
  /// The names of its options; `nil` if the value in the file is not a set of options.
  static var optionNames: [String]? { get }
}

extension NamedKind {
  fileprivate static func read(_ named: NamedOptions) throws -> Self {
    if let optionNames { try named.check(optionNames) }
    return try named.value(Self.self)
  }

  /// Returns true if both have the same kind and the same options.
  package func isEqual(to other: any NamedKind) -> Bool {
    (other as? Self) == self
  }

  /// Encodes the kind in the format that ``NamedKinds/decode(_:from:as:)`` reads.
  package func encodeNamed(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyCodingKey.self)
    try container.encode(self, forKey: AnyCodingKey(stringValue: Self.name))
  }
}

/// Passes lists of kinds to a decoder and decodes them.
package enum NamedKinds {
  private static func key(_ what: String) -> CodingUserInfoKey? {
    CodingUserInfoKey(rawValue: "kinds of \(what)")
  }

  /// The user info that a decoder needs.
  ///
  /// - Parameters:
  ///   - what: what the kinds are of, as "layer".
  ///   - kinds: the kinds that a file may name.
  /// - Returns: the list under its key.
  package static func userInfo(
    _ what: String, _ kinds: [any NamedKind.Type]
  ) -> [CodingUserInfoKey: any Sendable] {
    key(what).map { [$0: kinds] } ?? [:]
  }

  /// Decodes a kind with its options.
  ///
  /// - Parameters:
  ///   - what: what it is a kind of, as "layer".
  ///   - decoder: its user info must have the list of the kinds.
  ///   - type: the protocol that all kinds of the list conform to.
  /// - Returns: the kind.
  /// - Throws: `DecodingError` for an unknown name or option; it suggests the most similar one.
  package static func decode<Kind>(
    _ what: String, from decoder: any Decoder, as type: Kind.Type
  ) throws -> Kind {
    let list = key(what).flatMap { decoder.userInfo[$0] }
    guard let kinds = list as? [any NamedKind.Type] else {
      preconditionFailure("the decoder lacks the kinds of \(what)")
    }
    let named = try NamedOptions(what, among: kinds.map { $0.name }, from: decoder)
    guard let kind = try kinds.first(where: { $0.name == named.name })?.read(named) as? Kind else {
      preconditionFailure("\(named.name) is not a kind of \(what)")
    }
    return kind
  }
}

import Foundation

/// Changes to the parameters of a protocol, which are stored as JSON.
enum ProtocolSpecification {
  private static let key = "test_identities"

  private struct Tested: Decodable {
    let testIdentities: [String]?

    private enum CodingKeys: String, CodingKey { case testIdentities = "test_identities" }
  }

  /// Removes a name from the identities that a protocol was asked to test.
  ///
  /// The other parameters keep their bytes.
  ///
  /// - Parameters:
  ///   - name: the name, compared by its bytes.
  ///   - specification: the parameters.
  /// - Returns: the parameters without the name; `nil` if it is not among the identities.
  static func removing(testIdentity name: String, from specification: String) -> String? {
    let tested = try? JSONDecoder().decode(Tested.self, from: Data(specification.utf8))
    guard let names = tested?.testIdentities else { return nil }
    let others = names.filter { UTF8Key($0) != UTF8Key(name) }
    guard others.count < names.count, let old = json(names), let new = json(others) else {
      return nil
    }
    let member = "\"\(key)\":\(old)"
    guard let range = specification.range(of: member, options: .literal) else {
      return rewritten(specification, tested: others)
    }
    return specification.replacingCharacters(in: range, with: "\"\(key)\":\(new)")
  }

  /// The names as the maker of protocols writes them.
  private static func json(_ names: [String]) -> String? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return (try? encoder.encode(names)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Writes parameters anew whose text another program has arranged.
  private static func rewritten(_ specification: String, tested: [String]) -> String? {
    let object = try? JSONSerialization.jsonObject(with: Data(specification.utf8))
    guard var values = object as? [String: Any] else { return nil }
    values[key] = tested
    let data = try? JSONSerialization.data(
      withJSONObject: values, options: [.sortedKeys, .withoutEscapingSlashes])
    return data.map { String(decoding: $0, as: UTF8.self) }
  }
}

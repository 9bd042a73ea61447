import Catalog
import Foundation

/// Makes a protocol from the user's own list of pairs, in any file format.
enum ListedPairs {
  private struct Specification: Encodable {
    let file: String
    let allowMissing: Bool
  }

  /// The protocol of the pairs in a file; the samples of each part are those of its pairs.
  static func record(
    _ resolver: PairResolver, _ path: String, _ name: String, allowMissing: Bool
  ) throws -> ProtocolRecord {
    try resolver.check(allowMissing: allowMissing)
    guard !resolver.pairs.isEmpty else {
      throw ListError(path: path, line: nil, reason: "it has no pairs")
    }
    let file = URL(fileURLWithPath: path).lastPathComponent
    var record = ProtocolRecord(
      name: name, kind: "list",
      specification: Specification(
        file: file, allowMissing: !resolver.missingImages.isEmpty
      ).sortedJSON,
      members: resolver.pairs.mapValues { Set($0.flatMap { [$0.left, $0.right] }).sorted() },
      pairs: resolver.pairs, missing: resolver.missing)
    record.missingImages = resolver.missingImages
    return record
  }
}

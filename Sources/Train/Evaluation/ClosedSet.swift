import Catalog
import Foundation

/// Protocols in which the same people train and test by design.
enum ClosedSet {
  private struct Specification: Decodable {
    let within: String?
  }

  /// Returns true for a split of each person's images, and for a protocol drawn among the test samples
  /// of one.
  static func contains(_ summary: ProtocolSummary, _ catalog: Catalog) throws(CatalogError) -> Bool
  {
    let specification = try? JSONDecoder().decode(
      Specification.self, from: Data(summary.specification.utf8))
    let source = try specification?.within.map { name throws(CatalogError) in
      try catalog.protocolSummary(name)
    }
    return (source ?? summary).kind == "closed-set-split"
  }
}

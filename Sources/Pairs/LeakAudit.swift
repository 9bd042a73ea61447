import Catalog

/// What two sides of a protocol share and should not.
public struct LeakAudit: Sendable, Equatable, Codable {
  /// Identities with samples on more than one side.
  public var identities = 0
  /// Groups of byte-identical files with members on more than one side.
  public var identicalFiles = 0

  /// All findings.
  public var total: Int { identities + identicalFiles }

  /// Looks through the parts of a protocol, fold by fold.
  public init(_ record: ProtocolRecord, catalog: Catalog) throws(CatalogError) {
    var roles: [Int: [Int: Set<Role>]] = [:]
    for (part, samples) in record.members {
      for sample in samples {
        roles[part.fold, default: [:]][sample, default: []].insert(part.role)
      }
    }
    for sides in roles.values {
      var byIdentity: [String: Set<Role>] = [:]
      var byFile: [String: Set<Role>] = [:]
      try catalog.forEachSample { sample in
        guard let side = sides[sample.id] else { return }
        byIdentity["\(sample.dataset)/\(sample.identity)", default: []].formUnion(side)
        byFile[sample.sha256, default: []].formUnion(side)
      }
      identities += byIdentity.values.count { $0.count > 1 }
      identicalFiles += byFile.values.count { $0.count > 1 }
    }
  }
}

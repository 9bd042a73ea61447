import Catalog

/// Statistics of a protocol's pairs.
public struct PairAnalyses: Sendable {
  /// The statistics of each role, all folds together.
  public let byRole: [Role: PairAnalysis]
  /// The statistics of all roles together; `nil` if there are no pairs.
  public let all: PairAnalysis?

  /// Counts the pairs of a protocol over the samples of `table`.
  init(_ record: ProtocolRecord, table: SampleTable) {
    let owners = table.ownersByID
    func analysis(where isWanted: (Part) -> Bool) -> PairAnalysis {
      let pairs = record.pairs.filter { isWanted($0.key) }.sorted { $0.key < $1.key }
      return PairAnalysis(pairs.flatMap(\.value), table: table, owners: owners)
    }
    let roles = Set(record.pairs.keys.map(\.role))
    byRole = Dictionary(
      uniqueKeysWithValues: roles.map { role in (role, analysis { $0.role == role }) })
    all = roles.count == 1 ? byRole.values.first : roles.isEmpty ? nil : analysis { _ in true }
  }
}

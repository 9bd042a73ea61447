import Catalog

/// What there is to say of a store, as numbers; the page and the JSON both come from it.
public struct DatasetStatistics: Codable, Sendable, Equatable {
  /// How many identities have how many samples.
  public struct Bin: Codable, Sendable, Equatable {
    /// Samples an identity.
    public let samples: Int
    /// Identities with so many.
    public let identities: Int
  }

  /// An identity and its samples.
  public struct Person: Codable, Sendable, Equatable {
    /// The name.
    public let name: String
    /// How many samples.
    public let samples: Int
  }

  /// One dataset of the store.
  public struct Dataset: Codable, Sendable, Equatable {
    /// The name.
    public let name: String
    /// Stored samples.
    public let samples: Int
    /// Identities.
    public let identities: Int
    /// Files that did not become samples.
    public let rejections: Int
    /// Samples that are byte-identical to another.
    public let duplicates: Int
    /// Identities with two samples or more, who can form genuine pairs.
    public let identitiesWithTwo: Int
    /// Identities by their number of samples, ascending.
    public let samplesPerIdentity: [Bin]
    /// Those with the most samples: the count, then the name.
    public let mostSamples: [Person]
  }

  /// One protocol of the store.
  public struct Comparisons: Codable, Sendable, Equatable {
    /// The protocol's name.
    public let `protocol`: String
    /// The fold, 0 without folds.
    public let fold: Int
    /// Training, validation or test.
    public let role: String
    /// Samples of this side.
    public let samples: Int
    /// Genuine pairs.
    public let genuine: Int
    /// Impostor pairs.
    public let impostor: Int
    /// Pairs of its list that cannot be compared.
    public let missing: Int
  }

  /// What is known of one protocol's pairs.
  public struct Analysis: Codable, Sendable, Equatable {
    /// The protocol's name.
    public let `protocol`: String
    /// The figures of each role.
    public let roles: [String: PairAnalysis]
    /// What its audit found, by kind.
    public let findings: [String: Int]
    /// Pairs of its list that cannot be compared.
    public let missing: Int
  }

  /// Where the store lies.
  public let store: String
  /// The digest of all that was ingested.
  public let digest: String
  /// How photographs became samples, as JSON.
  public let configuration: String
  /// The datasets by name.
  public let datasets: [Dataset]
  /// Rejections by reason.
  public let rejectionsByReason: [String: Int]
  /// How many samples are like an earlier one, by kind.
  public let duplicatesByKind: [String: DuplicateCount]
  /// Those of two identities, the first of them.
  public let duplicatesAcross: [DuplicatePair]
  /// The sides of all protocols.
  public let protocols: [Comparisons]
  /// What is known of the protocols' pairs.
  public let analyses: [Analysis]

  /// How many of the best represented identities are named.
  private static let namedIdentities = 10
  /// How many duplicates of two identities are named.
  private static let namedDuplicates = 50

  /// The charts as SVG files, by file name.
  public var charts: [String: String] {
    Dictionary(
      uniqueKeysWithValues: datasets.map { dataset in
        ("samples-per-identity-\(dataset.name).svg", Self.samplesPerIdentity(dataset).document)
      })
  }

  /// Reads the statistics of a store.
  public init(_ catalog: Catalog) throws(CatalogError) {
    store = catalog.folder.path
    digest = try catalog.digest()
    configuration = try catalog.configuration() ?? ""
    var datasets: [Dataset] = []
    for name in try catalog.datasets() { datasets.append(try Self.dataset(name, catalog)) }
    self.datasets = datasets
    rejectionsByReason = Dictionary(
      uniqueKeysWithValues: try catalog.rejectionCounts().map { ($0.key.rawValue, $0.value) })
    duplicatesByKind = Dictionary(
      uniqueKeysWithValues: try catalog.duplicateCounts().map { ($0.key.rawValue, $0.value) })
    duplicatesAcross = Array(
      try catalog.duplicatePairs().filter { !$0.sameIdentity }.prefix(Self.namedDuplicates))
    var analyses: [Analysis] = []
    for summary in try catalog.protocols() {
      let roles = try catalog.analyses(of: summary.name)
      let findings = try catalog.findings(of: summary.name)
      analyses.append(
        Analysis(
          protocol: summary.name,
          roles: Dictionary(uniqueKeysWithValues: roles.map { ($0.key.rawValue, $0.value) }),
          findings: findings.reduce(into: [:]) { $0[$1.kind.rawValue, default: 0] += 1 },
          missing: try catalog.missingPairs(of: summary.name).values.reduce(0) { $0 + $1.count }))
    }
    self.analyses = analyses
    var protocols: [Comparisons] = []
    for summary in try catalog.protocols() {
      let missing = try catalog.missingPairs(of: summary.name)
      let parts = Set(summary.members.keys).union(summary.pairs.keys).union(missing.keys)
      for part in parts.sorted() {
        protocols.append(
          Comparisons(
            protocol: summary.name, fold: part.fold, role: part.role.rawValue,
            samples: summary.members[part] ?? 0, genuine: summary.pairs[part]?.genuine ?? 0,
            impostor: summary.pairs[part]?.impostor ?? 0, missing: missing[part]?.count ?? 0))
      }
    }
    self.protocols = protocols
  }

  private static func dataset(
    _ name: String, _ catalog: Catalog
  ) throws(CatalogError) -> Dataset {
    let counts = try catalog.counts(dataset: name)
    let people = try catalog.identityCounts(dataset: name)
    let bins = Dictionary(grouping: people, by: \.samples).map {
      Bin(samples: $0.key, identities: $0.value.count)
    }
    return Dataset(
      name: name, samples: counts.samples, identities: counts.identities,
      rejections: counts.rejections, duplicates: counts.duplicates,
      identitiesWithTwo: people.count { $0.samples >= 2 },
      samplesPerIdentity: bins.sorted { $0.samples < $1.samples },
      mostSamples: people.prefix(namedIdentities).map {
        Person(name: $0.name, samples: $0.samples)
      })
  }
}

import Catalog
import Foundation

/// The statistics of a store; the source of both the page and the JSON.
public struct DatasetStatistics: Codable, Sendable, Equatable {
  /// Number of identities with a certain number of samples.
  public struct Bin: Codable, Sendable, Equatable {
    /// Number of samples per identity.
    public let samples: Int
    /// Number of identities with that number of samples.
    public let identities: Int
  }

  /// An identity and its samples.
  public struct Person: Codable, Sendable, Equatable {
    /// The name.
    public let name: String
    /// Number of samples.
    public let samples: Int
  }

  /// One dataset of the store.
  public struct Dataset: Codable, Sendable, Equatable {
    /// The name.
    public let name: String
    /// Number of stored samples.
    public let samples: Int
    /// Number of identities.
    public let identities: Int
    /// Number of files that did not become samples.
    public let rejections: Int
    /// Number of samples that are byte-identical to another one.
    public let duplicates: Int
    /// Number of identities with two or more samples, which can form genuine pairs.
    public let identitiesWithTwo: Int
    /// Identities by their number of samples, ascending.
    public let samplesPerIdentity: [Bin]
    /// The identities with the most samples, ordered by count, then by name.
    public let mostSamples: [Person]
    /// The sizes of the originals, in pixels after orientation.
    public let originals: Originals
  }

  /// The sizes of the original images of a dataset.
  public struct Originals: Codable, Sendable, Equatable {
    /// An image size and the number of samples with it.
    public struct Size: Codable, Sendable, Equatable {
      /// The width in pixels.
      public let width: Int
      /// The height in pixels.
      public let height: Int
      /// Number of samples.
      public let samples: Int
    }

    /// The most frequent sizes, by descending number of samples; at most 500.
    public let sizes: [Size]
    /// Number of different sizes.
    public let differentSizes: Int
    /// Number of samples made of an original that is narrower or lower than the sample.
    public let enlarged: Int
    /// Number of samples in which a detector looked for faces, by the number of faces that it found,
    /// with two for more than one; empty if none looked.
    public let faces: [Int: Int]
  }

  /// One protocol of the store.
  public struct Comparisons: Codable, Sendable, Equatable {
    /// The protocol's name.
    public let `protocol`: String
    /// The fold; 0 if there are no folds.
    public let fold: Int
    /// Train, validation or test.
    public let role: String
    /// Number of samples of this side.
    public let samples: Int
    /// Number of genuine pairs.
    public let genuine: Int
    /// Number of impostor pairs.
    public let impostor: Int
    /// Number of pairs of its list that cannot be compared.
    public let missing: Int
  }

  /// The analysis of one protocol's pairs.
  public struct Analysis: Codable, Sendable, Equatable {
    /// The protocol's name.
    public let `protocol`: String
    /// The statistics of each role.
    public let roles: [String: PairAnalysis]
    /// The number of findings of its audit, by kind.
    public let findings: [String: Int]
    /// Number of pairs of its list that cannot be compared.
    public let missing: Int
  }

  /// The path of the store.
  public let store: String
  /// The digest of all ingested data.
  public let digest: String
  /// The configuration that turned photographs into samples, as JSON.
  public let configuration: String
  /// The datasets, ordered by name.
  public let datasets: [Dataset]
  /// Number of rejections by reason.
  public let rejectionsByReason: [String: Int]
  /// Number of samples that duplicate an earlier one, by kind.
  public let duplicatesByKind: [String: DuplicateCount]
  /// The first duplicates of two different identities.
  public let duplicatesAcross: [DuplicatePair]
  /// The sides of all protocols.
  public let protocols: [Comparisons]
  /// The analyses of the protocols' pairs.
  public let analyses: [Analysis]

  /// Number of identities listed by name, those with the most samples.
  private static let namedIdentities = 10
  /// Number of duplicates of two identities that are listed.
  private static let namedDuplicates = 50

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
    let sizes = try catalog.originalSizes(dataset: name)
    let sample = SampleSize(configuration: try catalog.configuration() ?? "")
    return Dataset(
      name: name, samples: counts.samples, identities: counts.identities,
      rejections: counts.rejections, duplicates: counts.duplicates,
      identitiesWithTwo: people.count { $0.samples >= 2 },
      samplesPerIdentity: bins.sorted { $0.samples < $1.samples },
      mostSamples: people.prefix(namedIdentities).map {
        Person(name: $0.name, samples: $0.samples)
      },
      originals: Originals(
        sizes: sizes.prefix(namedSizes).map {
          Originals.Size(width: $0.width, height: $0.height, samples: $0.samples)
        }, differentSizes: sizes.count,
        enlarged: sizes.filter { sample.isLarger(thanWidth: $0.width, height: $0.height) }
          .reduce(0) { $0 + $1.samples }, faces: try catalog.faceHistogram(dataset: name)))
  }

  /// The greatest number of sizes that are listed.
  private static let namedSizes = 500

  /// The size of a sample in an ingest configuration.
  private struct SampleSize: Decodable {
    var width = 0
    var height = 0

    init(configuration: String) {
      if let size = try? JSONDecoder().decode(SampleSize.self, from: Data(configuration.utf8)) {
        self = size
      }
    }

    func isLarger(thanWidth width: Int, height: Int) -> Bool {
      width < self.width || height < self.height
    }
  }
}

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
  /// The sides of all protocols.
  public let protocols: [Comparisons]

  /// How many of the best represented identities are named.
  private static let namedIdentities = 10

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
    protocols = try catalog.protocols().flatMap { summary in
      Set(summary.members.keys).union(summary.pairs.keys).sorted().map { part in
        Comparisons(
          protocol: summary.name, fold: part.fold, role: part.role.rawValue,
          samples: summary.members[part] ?? 0, genuine: summary.pairs[part]?.genuine ?? 0,
          impostor: summary.pairs[part]?.impostor ?? 0)
      }
    }
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

  /// The statistics as a page in one HTML file.
  public func html() throws -> String {
    try Page(
      title: "Dataset statistics", subtitle: "\(store), digest \(digest)",
      sections: [overview] + datasets.map(section) + [rejected, comparisons].compactMap(\.self)
    ).render()
  }

  private var overview: Page.Section {
    let rows = datasets.map {
      [
        $0.name, "\($0.samples)", "\($0.identities)", "\($0.identitiesWithTwo)",
        "\($0.rejections)", "\($0.duplicates)",
      ]
    }
    return Page.Section(
      title: "What there is", text: "Ingest configuration: \(configuration)",
      table: Page.Table(
        heading: [
          "dataset", "samples", "identities", "with two or more", "rejected", "byte-identical",
        ], rows: rows))
  }

  private static func samplesPerIdentity(_ dataset: Dataset) -> Plot {
    let most = dataset.samplesPerIdentity.map(\.samples).max() ?? 1
    let highest = dataset.samplesPerIdentity.map(\.identities).max() ?? 1
    // Many different counts share bars, so that a bar stays wide enough to see.
    let width = max(1, (most + 59) / 60)
    let bars = Dictionary(grouping: dataset.samplesPerIdentity) { ($0.samples - 1) / width }
      .map {
        (x: Double($0.key * width) + 0.5, y: Double($0.value.reduce(0) { $0 + $1.identities }))
      }
    return Plot(
      title: "Samples per identity", xLabel: "samples", yLabel: "identities",
      x: 0.5...Double(most) + 0.5 + (most == 1 ? 1 : 0),
      y: 0...Double(max(highest, Int(bars.map(\.y).max() ?? 1))),
      marks: [.bars(bars.sorted { $0.x < $1.x }, width: Double(width), style: "one")])
  }

  private func section(_ dataset: Dataset) -> Page.Section {
    Page.Section(
      title: "Dataset \(dataset.name)", text: "The identities with the most samples:",
      table: Page.Table(
        heading: ["identity", "samples"],
        rows: dataset.mostSamples.map { [$0.name, "\($0.samples)"] }),
      plots: [Self.samplesPerIdentity(dataset)])
  }

  private var rejected: Page.Section? {
    guard !rejectionsByReason.isEmpty else { return nil }
    let rows = rejectionsByReason.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return Page.Section(
      title: "Rejected files",
      table: Page.Table(heading: ["reason", "files"], rows: rows.map { [$0.key, "\($0.value)"] }))
  }

  private var comparisons: Page.Section? {
    guard !protocols.isEmpty else { return nil }
    return Page.Section(
      title: "Protocols",
      table: Page.Table(
        heading: ["protocol", "fold", "side", "samples", "genuine pairs", "impostor pairs"],
        rows: protocols.map {
          [
            $0.protocol, $0.fold == 0 ? "none" : "\($0.fold)", $0.role, "\($0.samples)",
            "\($0.genuine)", "\($0.impostor)",
          ]
        }))
  }
}

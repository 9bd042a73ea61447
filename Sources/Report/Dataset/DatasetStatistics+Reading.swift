import Catalog
import Shards

extension DatasetStatistics {
  /// Number of identities listed by name, those with the most samples.
  private static let namedIdentities = 10
  /// The kinds of findings that name two images, and the number that are listed.
  private static let isOfImages: Set<Finding.Kind> = [
    .file, .pixels, .near, .identicalPair, .wrongLabel, .contradictedLabel, .repeatedPair,
  ]
  private static let namedFindings = 50
  /// Number of rejected files that are listed.
  private static let namedRejections = 50
  static func analyses(_ catalog: Catalog) throws(CatalogError) -> [Analysis] {
    var analyses: [Analysis] = []
    for summary in try catalog.protocols() {
      let roles = try catalog.analyses(of: summary.name)
      let findings = try catalog.findings(of: summary.name)
      analyses.append(
        Analysis(
          protocol: summary.name,
          roles: Dictionary(uniqueKeysWithValues: roles.map { ($0.key.rawValue, $0.value) }),
          findings: findings.reduce(into: [:]) { $0[$1.kind.rawValue, default: 0] += 1 },
          examples: Array(findings.filter { isOfImages.contains($0.kind) }.prefix(namedFindings)),
          missing: try catalog.missingPairs(of: summary.name).values.reduce(0) { $0 + $1.count }))
    }
    return analyses
  }

  static func sides(_ catalog: Catalog) throws(CatalogError) -> [Comparisons] {
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
    return protocols
  }

  static func versions(_ catalog: Catalog) throws(CatalogError) -> [String: String] {
    guard let first = try catalog.shardNumbers().min(),
      let shard = try? ShardFile(path: catalog.folder.shard(first))
    else { return [:] }
    return shard.metadata.filter { ["libvips", "libjpeg-turbo", "dlib"].contains($0.key) }
  }

  static func rejected(_ catalog: Catalog) throws(CatalogError) -> [Rejected] {
    var rejected: [Rejected] = []
    try catalog.forEachRejection { one in
      rejected.append(
        Rejected(
          dataset: one.dataset, path: one.path, reason: one.reason.rawValue, detail: one.detail))
      return rejected.count < namedRejections
    }
    return rejected
  }

  static func dataset(
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
        smaller: sizes.filter { sample.isLarger(thanWidth: $0.width, height: $0.height) }
          .reduce(0) { $0 + $1.samples }, faces: try catalog.faceHistogram(dataset: name)),
      sources: try catalog.sourceCounts(dataset: name),
      quality: try QualityStatistics.all(name, catalog),
      faceWidths: quartiles(try catalog.faceWidths(dataset: name)))
  }

  /// The least value, the quartiles and the greatest one.
  static func quartiles(_ sorted: [Int]) -> [Int] {
    sorted.isEmpty ? [] : (0...4).map { sorted[(sorted.count - 1) * $0 / 4] }
  }

  /// The greatest number of sizes that are listed.
  private static let namedSizes = 500
}

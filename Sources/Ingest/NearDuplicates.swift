import Catalog
import Shards

/// Finds samples that are the same picture, or look alike, in a store.
///
/// The search is incremental: it compares the shards that were added since the last one with all
/// others, and then records them as searched. It writes in short transactions between which it can be
/// interrupted.
public enum NearDuplicates {
  /// Thumbnails that correlate at least so much are of one photograph.
  ///
  /// On LFW deepfunneled this and hashes within six bits find the five photographs known to lie
  /// under two names, and no other pair of two people; Documentation/Design.md has the counts.
  public static let leastCorrelation = 0.95

  /// So many shards are compared with all others at once: memory for 65,536 samples.
  private static let shardsAtOnce = 64
  /// So many near duplicates of a sample are kept; a sample with more is recorded as truncated.
  static let keptPairs = 64
  /// So many candidates of a sample are compared.
  static let comparedPairs = 256
  /// So many candidates of a sample are held to choose these from.
  static let candidatePairs = 1_024

  /// Brings the duplicates of a store up to date.
  ///
  /// - Throws: ``IngestError/interrupted`` between two batches when the task is cancelled; what was
  ///   found before stays.
  static func refresh(
    _ catalog: Catalog, notice: (IngestNotice) -> Void = { _ in }
  ) throws(IngestError) {
    let thumbnails = Thumbnails(catalog.folder)
    let total = try onCatalog { () throws(CatalogError) in
      if try catalog.searchIsOutOfOrder() { try catalog.forgetDuplicateSearch() }
      return try catalog.duplicateSearchState().unsearchedShards
    }
    try settleUncompared(catalog, thumbnails)
    var done = 0
    while true {
      let shards = try onCatalog { () throws(CatalogError) in
        try catalog.unsearchedShards(limit: shardsAtOnce)
      }
      guard !shards.isEmpty else { return }
      guard !Task.isCancelled else { throw .interrupted }
      var batch = try DuplicateBatch(catalog, shards: shards, thumbnails)
      try batch.search()
      try onCatalog { () throws(CatalogError) in try catalog.add(batch.evidence) }
      done += shards.count
      notice(.searchesDuplicates(done: done, total: total))
    }
  }

  /// Compares pairs that an earlier search could not, because a shard could not be read.
  private static func settleUncompared(
    _ catalog: Catalog, _ thumbnails: Thumbnails
  ) throws(IngestError) {
    let pairs = try onCatalog { () throws(CatalogError) in try catalog.uncomparedPairs() }
    guard !pairs.isEmpty else { return }
    var (compared, near): ([NearPair], [NearPair]) = ([], [])
    for pair in pairs {
      guard let correlation = thumbnails.correlation(pair.sample, pair.earlier) else { continue }
      compared.append(pair)
      if correlation >= leastCorrelation {
        near.append(
          NearPair(
            sample: pair.sample, earlier: pair.earlier, distance: pair.distance,
            correlation: correlation))
      }
    }
    let found = (compared, near)
    try onCatalog { () throws(CatalogError) in try catalog.settle(found.0, near: found.1) }
  }

  /// Thumbnails of stored samples.
  ///
  /// A class because it keeps some shards open.
  final class Thumbnails {
    private let folder: StoreFolder
    private let perceptual = PerceptualHash()
    private var readers: [Int: ShardFile?] = [:]
    private var known: [Int: [UInt8]] = [:]
    /// Thumbnails kept at once, a kilobyte each.
    private static let thumbnailLimit = 8_192
    /// Shards open at once, well below what a process may have.
    private static let readerLimit = 64

    init(_ folder: StoreFolder) {
      self.folder = folder
    }

    /// The correlation of two samples; `nil` when the shard of one cannot be read.
    func correlation(_ one: Int, _ other: Int) -> Double? {
      guard let one = thumbnail(one), let other = thumbnail(other) else { return nil }
      return PerceptualHash.correlation(one, other)
    }

    private func thumbnail(_ id: Int) -> [UInt8]? {
      if let thumbnail = known[id] { return thumbnail }
      if known.count >= Self.thumbnailLimit { known.removeAll() }
      let thumbnail = make(id)
      if let thumbnail { known[id] = thumbnail }
      return thumbnail
    }

    private func make(_ id: Int) -> [UInt8]? {
      let (shard, row) = id.quotientAndRemainder(dividingBy: Catalog.shardCapacity)
      guard let reader = reader(shard), row < reader.count,
        let pixels = try? reader.sample(row)
      else { return nil }
      return perceptual.thumbnail(
        Picture(
          width: reader.shape.width, height: reader.shape.height,
          channels: reader.shape.channels, pixels: pixels))
    }

    private func reader(_ shard: Int) -> ShardFile? {
      if let reader = readers[shard] { return reader }
      if readers.count >= Self.readerLimit { readers.removeAll() }
      let reader = try? ShardFile(path: folder.shard(shard))
      readers[shard] = .some(reader)
      return reader
    }
  }
}

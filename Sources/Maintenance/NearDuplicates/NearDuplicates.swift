import Catalog
import Shards

/// Finds samples that are the same picture, or look alike, in a store.
///
/// The search is incremental: it compares the shards that were added since the last one with all
/// others, and then records them as searched. It writes in short transactions between which it can be
/// interrupted.
public enum NearDuplicates {
  /// So many shards are compared with all others at once: memory for 65,536 samples.
  private static let shardsAtOnce = 64

  /// Brings the duplicates of a store up to date.
  ///
  /// - Throws: `CancellationError` between two batches when the task is cancelled; what was
  ///   found before stays.
  package static func refresh(
    _ catalog: Catalog, notice: (StoreNotice) -> Void = { _ in }
  ) throws {
    let thumbnails = Thumbnails(catalog.folder)
    if try catalog.searchIsOutOfOrder() { try catalog.forgetDuplicateSearch() }
    let total = try catalog.duplicateSearchState().unsearchedShards
    try settleUncompared(catalog, thumbnails)
    var done = 0
    while true {
      let shards = try catalog.unsearchedShards(limit: shardsAtOnce)
      guard !shards.isEmpty else { return }
      guard !Task.isCancelled else { throw CancellationError() }
      var batch = try DuplicateBatch(catalog, shards: shards, thumbnails)
      try batch.search()
      try catalog.add(batch.evidence)
      done += shards.count
      notice(.searchesDuplicates(done: done, total: total))
    }
  }

  /// Compares pairs that an earlier search could not, because a shard could not be read.
  private static func settleUncompared(
    _ catalog: Catalog, _ thumbnails: Thumbnails
  ) throws {
    let pairs = try catalog.uncomparedPairs()
    guard !pairs.isEmpty else { return }
    var (compared, near): ([NearPair], [NearPair]) = ([], [])
    for pair in pairs {
      guard let correlation = thumbnails.correlation(pair.sample, pair.earlier) else { continue }
      compared.append(pair)
      if correlation >= DuplicateLimits.leastCorrelation {
        near.append(
          NearPair(
            sample: pair.sample, earlier: pair.earlier, distance: pair.distance,
            correlation: correlation))
      }
    }
    let found = (compared, near)
    try catalog.settle(found.0, near: found.1)
  }
}

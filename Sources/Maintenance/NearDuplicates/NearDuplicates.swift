import Catalog
import Shards

/// Finds identical and similar images in a store.
///
/// The search is incremental: it compares the shards added since the last search with all others,
/// and then records them as searched. It writes in short transactions and can be interrupted
/// between them.
public enum NearDuplicates {
  /// Number of shards compared with all others at once; memory is used for 65,536 samples.
  private static let shardsAtOnce = 64

  /// Updates the duplicates of a store.
  ///
  /// - Throws: `CancellationError` between two batches if the task is cancelled; earlier results
  ///   are kept.
  package static func refresh(
    _ catalog: Catalog, notice: (StoreNotice) -> Void = { _ in }
  ) throws {
    let thumbnails = Thumbnails(catalog.folder)
    if try catalog.searchIsOutOfOrder() { try catalog.forgetDuplicateSearch() }
    let total = try catalog.duplicateSearchState().unsearchedShards
    try compareAgain(catalog, thumbnails)
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

  /// Compares pairs that an earlier search could not compare because a shard could not be read.
  private static func compareAgain(
    _ catalog: Catalog, _ thumbnails: Thumbnails
  ) throws {
    let pairs = try catalog.uncomparedPairs()
    guard !pairs.isEmpty else { return }
    var (compared, near): ([NearPair], [NearPair]) = ([], [])
    for pair in pairs {
      guard let correlation = thumbnails.correlation(pair.sample, pair.earlier) else { continue }
      compared.append(pair)
      if correlation >= DuplicateLimits.minCorrelation {
        near.append(
          NearPair(
            sample: pair.sample, earlier: pair.earlier, distance: pair.distance,
            correlation: correlation))
      }
    }
    let found = (compared, near)
    try catalog.recordCompared(found.0, near: found.1)
  }
}

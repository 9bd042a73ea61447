import Catalog
import Dispatch

/// Writes the rows of finished shards on a thread of its own: a transaction waits for the disk, which
/// the threads of Swift's tasks must not.
final class CommitQueue: Sendable {
  private let queue = DispatchQueue(label: "commits")
  private let catalog: Catalog
  private let isRefresh: Bool

  /// A queue into `catalog`.
  ///
  /// - Parameters:
  ///   - catalog: receives the rows.
  ///   - isRefresh: whether files the store knows may be among them.
  init(_ catalog: Catalog, isRefresh: Bool) {
    self.catalog = catalog
    self.isRefresh = isRefresh
  }

  /// Adds the rows of a shard; waits without holding a thread of the caller's.
  func commit(_ outcome: ShardOutcome) async -> Result<Void, any Error> {
    await withCheckedContinuation { continuation in
      queue.async { [catalog, isRefresh] in
        do {
          try catalog.add(
            outcome.shard, samples: outcome.samples, rejections: outcome.rejections,
            isRefresh: isRefresh)
          continuation.resume(returning: .success(()))
        } catch { continuation.resume(returning: .failure(error)) }
      }
    }
  }
}

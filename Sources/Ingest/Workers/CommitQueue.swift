import Catalog
import Dispatch

/// Writes the rows of finished shards on its own thread.
///
/// A transaction waits for the disk, and the threads of Swift's tasks must not block.
final class CommitQueue: Sendable {
  private let queue = DispatchQueue(label: "commits")
  private let catalog: Catalog
  private let isRefresh: Bool

  /// Creates a queue that writes to `catalog`.
  ///
  /// - Parameters:
  ///   - catalog: receives the rows.
  ///   - isRefresh: whether files may already be in the store.
  init(_ catalog: Catalog, isRefresh: Bool) {
    self.catalog = catalog
    self.isRefresh = isRefresh
  }

  /// Adds the rows of a shard and waits without blocking the caller's thread.
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

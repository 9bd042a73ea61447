import Catalog
import Dispatch
import Foundation
import Synchronization

/// The hashes of all shards in order, some shards at a time.
///
/// While a page is compared, another thread reads the next one: in a store of millions of samples
/// reading takes about as long as comparing.
struct HashPages {
  private let catalog: Catalog
  private let shardsAtOnce: Int
  private var coming: Reading

  /// Begins to read the first page.
  init(_ catalog: Catalog, shardsAtOnce: Int = 256) {
    self.catalog = catalog
    self.shardsAtOnce = shardsAtOnce
    coming = Reading(catalog, above: -1, limit: shardsAtOnce)
  }

  /// Returns the next page, at most `shardsAtOnce` shards; `nil` after the last.
  mutating func next() throws -> [ShardHashes]? {
    let page = try coming.result()
    guard let last = page.last?.shard else { return nil }
    coming = Reading(catalog, above: last, limit: shardsAtOnce)
    return page
  }

  /// A page that is being read.
  private final class Reading: Sendable {
    private let page = Mutex<Result<[ShardHashes], CatalogError>>(.success([]))
    private let isRead = DispatchSemaphore(value: 0)

    // A thread of its own: one of a pool may have to wait for the thread that waits here.
    init(_ catalog: Catalog, above number: Int, limit: Int) {
      Thread { [self] in
        let read = Result { () throws(CatalogError) in
          try catalog.shardHashes(above: number, limit: limit)
        }
        page.withLock { $0 = read }
        isRead.signal()
      }.start()
    }

    /// Waits for the page; to be called once.
    func result() throws(CatalogError) -> [ShardHashes] {
      isRead.wait()
      return try page.withLock { $0 }.get()
    }
  }
}

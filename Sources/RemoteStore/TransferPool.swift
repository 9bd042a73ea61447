import Foundation
import ObjectStorage
import Synchronization

/// Transfers many objects over several connections.
struct TransferPool {
  /// The number of threads, each with a connection of its own.
  let connections: Int
  /// Called with the number of finished items, by one thread at a time.
  var progress: @Sendable (Int) -> Void = { _ in }

  /// What the connections share.
  private struct State {
    var next = 0
    var done = 0
    var failure: (any Error)?
  }

  /// Calls `body` for every item, in order of the items, on `connections` threads; after the first
  /// failure no further item is begun.
  ///
  /// The threads are the caller's own: they wait for the network, and a shared pool has one for each
  /// core.
  ///
  /// - Parameters:
  ///   - items: the items.
  ///   - body: transfers one item.
  /// - Throws: the first failure.
  func run<Item: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item, Connection) throws -> Void
  ) throws {
    let progress = progress
    let state = Mutex(State())
    let ended = DispatchSemaphore(value: 0)
    let work: @Sendable () -> Void = {
      let connection = Connection()
      while true {
        let item = state.withLock { state -> Item? in
          guard state.failure == nil, state.next < items.count else { return nil }
          state.next += 1
          return items[state.next - 1]
        }
        guard let item else { break }
        do {
          try body(item, connection)
          state.withLock {
            $0.done += 1
            progress($0.done)
          }
        } catch {
          state.withLock { $0.failure = $0.failure ?? error }
        }
      }
      ended.signal()
    }
    let count = min(connections, items.count)
    for _ in 0..<count { Thread(block: work).start() }
    for _ in 0..<count { ended.wait() }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }
}

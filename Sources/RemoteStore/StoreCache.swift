import Catalog
import Foundation
import ObjectStorage
import Shards

/// The shards of a store on a server, fetched into a folder of limited size before they are read.
///
/// Several threads fetch: first what a reader waits for, then what was announced. Every shard is
/// checked against the hash in the catalog when it arrives, and when it is found from an earlier run.
/// If the folder is full, shards that are not announced are removed, those first that were opened
/// longest ago. Files are named by their hashes, so that several processes and several states of a
/// store may use one folder; each process keeps to its own limit.
///
/// A class because readers and fetching threads share it. It is safe to share: everything that
/// changes is in `state`, which `condition` protects. The threads hold it, and end when the transfers
/// of its client are stopped; a command that reads a store ends with its process.
public final class StoreCache: ShardProvider, @unchecked Sendable {
  /// What the threads share.
  private struct State {
    /// Shards that a reader waits for.
    var urgent: [Int] = []
    /// Shards that were announced and not yet opened, in order.
    var ahead: [Int] = []
    /// Shards whose file was checked.
    var present: Set<Int> = []
    var fetching: Set<Int> = []
    /// What went wrong with a shard, and when.
    var failures: [Int: (error: any Error, time: Date)] = [:]
  }

  /// The address of the store.
  public let storeName: String
  /// The folder of the shards.
  private let folder: String
  private let shards: [Int: ShardRecord]
  private let client: ObjectClient
  private let limit: Int
  private var state = State()
  private let condition = NSCondition()

  /// Number of transfers at once.
  private static let connections = 4
  /// Seconds after which a shard that could not be fetched ahead is tried again.
  private static let patience = 30.0

  /// Fetches the catalog of the store at the client's address and opens it; the shards follow on
  /// demand.
  ///
  /// - Parameters:
  ///   - client: reads from the address.
  ///   - cache: the folder of all caches.
  ///   - limit: the number of bytes that the shards of this store may take up.
  /// - Returns: the catalog.
  /// - Throws: ``RemoteStoreError``, `StorageError` or `CatalogError`.
  public static func open(
    _ client: ObjectClient, cache: String, limit: Int
  ) throws -> Catalog {
    let name = Digest.sha256(Array(client.address.identifier.utf8)).prefix(16)
    let connection = Connection()
    let hash = try client.catalogHash(over: connection)
    // A catalog of another hash lies in another folder: who reads it is not disturbed.
    let folder = StoreFolder(path: "\(cache)/\(name)/\(hash.prefix(16))")
    let shardFolder = "\(cache)/\(name)/shards"
    for path in [folder.path, shardFolder] {
      try StorePull.make(path)
      Leftovers.remove(in: path, olderThan: 600)
    }
    if !folder.exists || Digest.sha256(file: folder.catalog) != hash {
      try client.download(
        RemoteNames.catalog, to: folder.catalog, sha256: hash, byteCount: nil, over: connection)
    }
    CachedCatalogs.removeOld(in: "\(cache)/\(name)", besides: folder)
    let shards = try Catalog.open(folder).shards()
    let largest = shards.map(\.byteCount).max() ?? 0
    guard largest <= limit else {
      throw RemoteStoreError.smallCache(limit: limit, needed: largest)
    }
    let cache = StoreCache(client, shardFolder, shards, limit: limit)
    return try Catalog.open(folder, provider: cache)
  }

  private init(_ client: ObjectClient, _ folder: String, _ shards: [ShardRecord], limit: Int) {
    self.client = client
    self.folder = folder
    self.shards = Dictionary(uniqueKeysWithValues: shards.map { ($0.number, $0) })
    self.limit = limit
    storeName = client.address.description
    for _ in 0..<Self.connections {
      let thread = Thread { [self] in work() }
      thread.name = "shards"
      thread.start()
    }
  }

  /// Whether the file of a shard is in the folder.
  public func holds(_ number: Int) -> Bool {
    condition.withLock { state.present.contains(number) }
  }

  /// Announces the shards that are read next; see ``ShardProvider/willRead(_:)``.
  public func willRead(_ numbers: [Int]) {
    condition.withLock {
      state.ahead = numbers
      condition.broadcast()
    }
  }

  /// Opens a shard; waits until it was fetched.
  ///
  /// - Throws: `StorageError` or `ShardError`.
  public func open(_ number: Int) throws -> ShardFile {
    guard let shard = shards[number] else {
      throw StorageError.missing(object: client.address.name(RemoteNames.shard(number)))
    }
    let path = CachedFile.path(shard.sha256, in: folder)
    while true {
      try wait(for: number)
      do throws(ShardError) {
        let file = try ShardFile(path: path)
        // The time of the last change of the file is that of its last use.
        utimensat(AT_FDCWD, path, nil, 0)
        condition.withLock { state.ahead.removeAll { $0 == number } }
        return file
      } catch {
        // Another process that uses the folder may have removed the file.
        guard case .system(_, _, let code) = error, code == ENOENT else { throw error }
        condition.withLock { _ = state.present.remove(number) }
      }
    }
  }

  /// Waits until the file of a shard is there and was checked.
  private func wait(for number: Int) throws {
    condition.lock()
    defer { condition.unlock() }
    // What failed ahead of time is tried again now that it is needed.
    let start = Date.now
    while !state.present.contains(number) {
      if let failure = state.failures.removeValue(forKey: number), failure.time > start {
        throw failure.error
      }
      if client.isStopped { throw StorageError.interrupted }
      if !state.urgent.contains(number) && !state.fetching.contains(number) {
        state.urgent.append(number)
        condition.broadcast()
      }
      _ = condition.wait(until: .now + 0.2)
    }
  }

  /// The body of a fetching thread.
  private func work() {
    let connection = Connection()
    while let shard = takeNext() {
      var failure: (any Error)?
      do { try fetch(shard, over: connection) } catch { failure = error }
      condition.withLock {
        state.fetching.remove(shard.number)
        if let failure {
          state.failures[shard.number] = (failure, .now)
        } else {
          state.present.insert(shard.number)
        }
        condition.broadcast()
      }
    }
  }

  /// The next shard to fetch, for which there is room; `nil` when all transfers are ended.
  private func takeNext() -> ShardRecord? {
    condition.lock()
    defer { condition.unlock() }
    while !client.isStopped {
      let urgent = state.urgent.first
      if let number = urgent ?? firstAhead(), let shard = shards[number],
        makeRoom(for: shard, isUrgent: urgent != nil)
      {
        state.urgent.removeAll { $0 == number }
        state.fetching.insert(number)
        return shard
      }
      _ = condition.wait(until: .now + 1)
    }
    return nil
  }

  /// The first announced shard that must be fetched; the caller holds the lock.
  private func firstAhead() -> Int? {
    state.ahead.first { number in
      let isWaiting = state.failures[number].map { $0.time > .now - Self.patience } ?? false
      return !state.present.contains(number) && !state.fetching.contains(number) && !isWaiting
        && shards[number] != nil
    }
  }

  /// Removes files until a shard fits; returns false if only files that are needed sooner are left.
  ///
  /// The caller holds the lock.
  private func makeRoom(for shard: ShardRecord, isUrgent: Bool) -> Bool {
    let busy = state.fetching.compactMap { shards[$0] }
    let kept = Set(busy.map(\.sha256) + [shard.sha256])
    let files = CachedFile.all(in: folder).filter { !kept.contains($0.sha256) }
    var used = files.reduce(busy.reduce(shard.byteCount) { $0 + $1.byteCount }) {
      $0 + $1.byteCount
    }
    guard used > limit else { return true }
    let ahead = state.ahead.compactMap { shards[$0]?.sha256 }
    // What a reader waits for comes before everything that was announced.
    let place = isUrgent ? 0 : ahead.firstIndex(of: shard.sha256) ?? 0
    let sooner = Set(ahead[..<place])
    let later = Set(ahead[place...])
    let order = Dictionary(zip(ahead, 0...)) { first, _ in first }
    let candidates =
      files.filter { !sooner.contains($0.sha256) && !later.contains($0.sha256) }
      + files.filter { later.contains($0.sha256) && !sooner.contains($0.sha256) }
      .sorted { order[$0.sha256, default: 0] > order[$1.sha256, default: 0] }
    var removed: Set<String> = []
    for file in candidates where used > limit {
      removed.insert(file.sha256)
      used -= file.byteCount
    }
    guard used <= limit || (isUrgent && busy.isEmpty) else { return false }
    for sha256 in removed { unlink(CachedFile.path(sha256, in: folder)) }
    state.present.subtract(shards.values.filter { removed.contains($0.sha256) }.map(\.number))
    return true
  }

  /// Fetches a shard, unless its file is there from an earlier run.
  private func fetch(_ shard: ShardRecord, over connection: Connection) throws {
    let path = CachedFile.path(shard.sha256, in: folder)
    if FileManager.default.fileExists(atPath: path), Digest.sha256(file: path) == shard.sha256 {
      return
    }
    try client.download(
      RemoteNames.shard(shard.number), to: path, sha256: shard.sha256,
      byteCount: shard.byteCount, over: connection)
  }
}

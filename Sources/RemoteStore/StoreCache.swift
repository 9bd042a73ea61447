import Catalog
import Foundation
import ObjectStorage
import Shards

/// The shards of a store on a server, fetched into a folder of limited size before they are read.
///
/// Several threads fetch: first what a reader waits for, then what was announced. Every shard is
/// checked against the hash in the catalog when it arrives, and when it is found from an earlier run.
/// If the folder is full, the shards that were not used for the longest time are removed. Several
/// processes may use one folder; each keeps to its own limit.
///
/// A class because readers and fetching threads share it. It is safe to share: everything that
/// changes is in `state`, which `condition` protects.
public final class StoreCache: ShardProvider, @unchecked Sendable {
  /// What the threads share.
  private struct State {
    /// Shards that a reader waits for.
    var urgent: [Int] = []
    /// Shards that were announced, in order.
    var ahead: [Int] = []
    /// Shards whose file was checked.
    var present: Set<Int> = []
    var fetching: Set<Int> = []
    var failures: [Int: any Error] = [:]
  }

  public let storeName: String
  private let folder: StoreFolder
  private let shards: [Int: ShardRecord]
  private let client: ObjectClient
  private let limit: Int
  private var state = State()
  private let condition = NSCondition()

  /// Number of transfers at once.
  private static let connections = 4

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
    let folder = StoreFolder(path: "\(cache)/\(name)")
    let connection = Connection()
    let hash = try client.catalogHash(over: connection)
    try StorePull.make(folder.shards)
    if !folder.exists || Digest.sha256(file: folder.catalog) != hash {
      try client.download(
        RemoteNames.catalog, to: folder.catalog, sha256: hash, over: connection)
    }
    let shards = try Catalog.open(folder).shards()
    let largest = shards.map(\.byteCount).max() ?? 0
    guard largest <= limit else {
      throw RemoteStoreError.smallCache(limit: limit, needed: largest)
    }
    let cache = StoreCache(client, folder, shards, limit: limit)
    return try Catalog.open(folder, provider: cache)
  }

  private init(
    _ client: ObjectClient, _ folder: StoreFolder, _ shards: [ShardRecord], limit: Int
  ) {
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

  public func holds(_ number: Int) -> Bool {
    condition.withLock { state.present.contains(number) }
  }

  public func willRead(_ numbers: [Int]) {
    condition.withLock {
      state.ahead = numbers
      condition.broadcast()
    }
  }

  public func open(_ number: Int) throws -> ShardFile {
    while true {
      try wait(for: number)
      let path = folder.shard(number)
      // The time of the last change of the file is that of its last use.
      utimensat(AT_FDCWD, path, nil, 0)
      if access(path, F_OK) == 0 { return try ShardFile(path: path) }
      // Another process that uses the folder removed the file.
      _ = condition.withLock { state.present.remove(number) }
    }
  }

  /// Waits until the file of a shard is there and was checked.
  private func wait(for number: Int) throws {
    condition.lock()
    defer { condition.unlock() }
    while !state.present.contains(number) {
      if let failure = state.failures.removeValue(forKey: number) { throw failure }
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
    while let number = takeNext() {
      var failure: (any Error)?
      do { try fetch(number, over: connection) } catch { failure = error }
      condition.withLock {
        state.fetching.remove(number)
        if let failure { state.failures[number] = failure } else { state.present.insert(number) }
        condition.broadcast()
      }
    }
  }

  /// The next shard to fetch, for which there is room; `nil` at the end.
  private func takeNext() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while !client.isStopped {
      let urgent = state.urgent.first
      let next =
        urgent
        ?? state.ahead.first {
          !state.present.contains($0) && !state.fetching.contains($0) && state.failures[$0] == nil
        }
      if let next, makeRoom(for: next, isUrgent: urgent != nil) {
        state.urgent.removeAll { $0 == next }
        state.fetching.insert(next)
        return next
      }
      _ = condition.wait(until: .now + 1)
    }
    return nil
  }

  /// Removes files until a shard fits; returns false if only files that are needed soon are left.
  ///
  /// The caller holds the lock.
  private func makeRoom(for number: Int, isUrgent: Bool) -> Bool {
    let own = folder.shard(number)
    let expected = state.fetching.reduce(0) { $0 + (shards[$1]?.byteCount ?? 0) }
    var files = CachedFile.all(in: folder.shards).filter { $0.path != own }
    var used = files.reduce(expected + (shards[number]?.byteCount ?? 0)) { $0 + $1.byteCount }
    guard used > limit else { return true }
    let soon = Set(state.ahead.map(folder.shard))
    let busy = Set(state.fetching.map(folder.shard))
    files.sort { ($0.lastUse, $0.path) < ($1.lastUse, $1.path) }
    // What is announced is removed only for what a reader waits for now.
    let candidates =
      files.filter { !soon.contains($0.path) && !busy.contains($0.path) }
      + (isUrgent ? files.filter { soon.contains($0.path) && !busy.contains($0.path) } : [])
    var removed: [String] = []
    for file in candidates where used > limit {
      removed.append(file.path)
      used -= file.byteCount
    }
    guard used <= limit || (isUrgent && state.fetching.isEmpty) else { return false }
    for path in removed { unlink(path) }
    state.present.subtract(shards.keys.filter { removed.contains(folder.shard($0)) })
    return true
  }

  /// Fetches a shard, unless its file is there from an earlier run.
  private func fetch(_ number: Int, over connection: Connection) throws {
    guard let shard = shards[number] else {
      throw StorageError.missing(object: client.address.name(RemoteNames.shard(number)))
    }
    let path = folder.shard(number)
    if FileManager.default.fileExists(atPath: path), Digest.sha256(file: path) == shard.sha256 {
      return
    }
    try client.download(
      RemoteNames.shard(number), to: path, sha256: shard.sha256, over: connection)
  }
}

/// A shard's file in the folder of a cache.
private struct CachedFile {
  let path: String
  let byteCount: Int
  /// Nanoseconds since 1970.
  let lastUse: Int

  /// The files of shards in a folder.
  static func all(in folder: String) -> [CachedFile] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(StoreFolder.shardSuffix) && !$0.hasPrefix(".") }
      .compactMap { name in
        var status = stat()
        let path = "\(folder)/\(name)"
        guard stat(path, &status) == 0 else { return nil }
        return CachedFile(
          path: path, byteCount: Int(status.st_size),
          lastUse: status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec)
      }
  }
}

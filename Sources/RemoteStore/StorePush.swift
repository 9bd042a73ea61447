import Catalog
import Foundation
import ObjectStorage
import Shards
import Synchronization

/// Copies a store to an object store.
///
/// The shards are written first and the catalog last, so that a reader finds the earlier store or
/// this one. A shard that is there already is not sent again.
public struct StorePush: Sendable {
  /// What was sent.
  public struct Summary: Sendable, Equatable {
    /// Number of shards of the store.
    public let shards: Int
    /// Number of shards that were sent; the others were there.
    public let sent: Int
    /// Number of bytes that were sent.
    public let bytes: Int
  }

  private let folder: StoreFolder
  private let client: ObjectClient
  private let replaces: Bool
  private let connections: Int

  /// Prepares the copy; nothing is sent.
  ///
  /// - Parameters:
  ///   - folder: the store.
  ///   - client: writes to the address.
  ///   - replaces: whether shards of other content are replaced.
  ///   - connections: the number of transfers at once.
  public init(_ folder: StoreFolder, to client: ObjectClient, replaces: Bool, connections: Int) {
    self.folder = folder
    self.client = client
    self.replaces = replaces
    self.connections = connections
  }

  /// Copies the store.
  ///
  /// - Parameter progress: called with the number of shards that are there, and of all.
  /// - Returns: what was sent.
  /// - Throws: ``RemoteStoreError``, `StorageError` or `CatalogError`.
  public func run(progress: @escaping @Sendable (Int, Int) -> Void) throws -> Summary {
    guard client.address.isWritable else {
      throw StorageError.notWritable(address: client.address.description)
    }
    let copy = FileManager.default.temporaryDirectory
      .appendingPathComponent("twinset-\(UUID().uuidString).sqlite").path
    defer { unlink(copy) }
    // What is copied is the state of one moment, also if an ingest goes on.
    let catalog = try Catalog.open(folder)
    try catalog.copy(to: copy)
    let shards = try catalog.shards()
    let missing = try Self.present(shards, client, replaces: replaces, connections: connections)
    let there = shards.count - missing.count
    progress(there, shards.count)
    try TransferPool.run(
      missing, connections: connections, progress: { progress(there + $0, shards.count) }
    ) { shard, connection in
      let path = folder.shard(shard.number)
      guard Digest.sha256(file: path) == shard.sha256 else {
        throw RemoteStoreError.damagedShard(path: path)
      }
      try client.upload(
        path, as: RemoteNames.shard(shard.number), sha256: shard.sha256, over: connection)
    }
    let catalogBytes = try send(catalog: copy)
    return Summary(
      shards: shards.count, sent: missing.count,
      bytes: missing.reduce(catalogBytes) { $0 + $1.byteCount })
  }

  /// The shards that must be sent.
  private static func present(
    _ shards: [ShardRecord], _ client: ObjectClient, replaces: Bool, connections: Int
  ) throws -> [ShardRecord] {
    let missing = Mutex<[ShardRecord]>([])
    try TransferPool.run(shards, connections: connections, progress: { _ in }) {
      shard, connection in
      let key = RemoteNames.shard(shard.number)
      let facts = try client.facts(key, over: connection)
      if let facts, facts.sha256 == shard.sha256, facts.byteCount == shard.byteCount { return }
      guard facts == nil || replaces else {
        throw RemoteStoreError.otherStore(address: client.address.description, object: key)
      }
      missing.withLock { $0.append(shard) }
    }
    return missing.withLock { $0 }.sorted { $0.number < $1.number }
  }

  private func send(catalog copy: String) throws -> Int {
    let hash = Digest.sha256(file: copy)
    let connection = Connection()
    try client.upload(copy, as: RemoteNames.catalog, sha256: hash, over: connection)
    let listed = "\(copy).sha256"
    defer { unlink(listed) }
    try DurableFile.write("\(hash)  \(RemoteNames.catalog)\n", to: listed)
    try client.upload(
      listed, as: RemoteNames.catalogHash, sha256: Digest.sha256(file: listed), over: connection)
    return (try? FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int) ?? 0
  }
}

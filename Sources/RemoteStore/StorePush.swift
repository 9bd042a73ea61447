import Catalog
import Foundation
import ObjectStorage
import Shards
import Synchronization

/// Copies a store to an object store.
///
/// The shards are written first and the catalog last. A shard that is there already is not sent
/// again, and a store that this one does not continue is not written over, unless the user says so.
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
  ///   - replaces: whether every shard is sent, and what another store left there is removed.
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
    let work = try PrivateFolder()
    // What is copied is the state of one moment, also if an ingest goes on.
    let copy = StoreFolder(path: "\(work.path)/own")
    try StorePull.make(copy.path)
    try Catalog.open(folder).copy(to: copy.catalog)
    let catalog = try Catalog.open(copy)
    let orphans = try comparedWithServer(StoreState(catalog), in: work)
    let shards = try catalog.shards()
    let missing = replaces ? shards : try missing(of: shards)
    let there = shards.count - missing.count
    progress(there, shards.count)
    let pool = TransferPool(connections: connections) { progress(there + $0, shards.count) }
    try pool.run(missing) { shard, connection in
      let path = folder.shard(shard.number)
      guard Digest.sha256(file: path) == shard.sha256 else {
        throw RemoteStoreError.damagedShard(path: path)
      }
      try client.upload(
        path, as: RemoteNames.shard(shard.number), sha256: shard.sha256, over: connection)
    }
    let catalogBytes = try send(copy.catalog, in: work)
    try TransferPool(connections: connections).run(orphans.sorted()) {
      try client.remove(RemoteNames.shard($0), over: $1)
    }
    return Summary(
      shards: shards.count, sent: missing.count,
      bytes: missing.reduce(catalogBytes) { $0 + $1.byteCount })
  }

  /// The numbers of the shards on the server that the store has not.
  ///
  /// - Throws: ``RemoteStoreError/otherStore(address:lost:)`` if the store on the server has anything
  ///   that this one has not, and must not be replaced.
  private func comparedWithServer(
    _ own: StoreState, in work: PrivateFolder
  ) throws -> Set<Int> {
    let connection = Connection()
    let hash: String
    do { hash = try client.catalogHash(over: connection) } catch RemoteStoreError.noStore {
      return []
    }
    let there = StoreFolder(path: "\(work.path)/there")
    try StorePull.make(there.path)
    try client.download(
      RemoteNames.catalog, to: there.catalog, sha256: hash, byteCount: nil, over: connection)
    let earlier = try StoreState(try Catalog.open(there))
    if !replaces, let lost = earlier.lost(in: own) {
      throw RemoteStoreError.otherStore(address: client.address.description, lost: lost)
    }
    return earlier.shardNumbers.subtracting(own.shardNumbers)
  }

  /// The shards that must be sent.
  ///
  /// - Throws: ``RemoteStoreError/otherStore(address:lost:)`` for a shard of other content, which a
  ///   push of another store left that did not come to its end.
  private func missing(of shards: [ShardRecord]) throws -> [ShardRecord] {
    let missing = Mutex<[ShardRecord]>([])
    try TransferPool(connections: connections).run(shards) { shard, connection in
      let key = RemoteNames.shard(shard.number)
      let facts = try client.facts(key, over: connection)
      if let facts, facts.sha256 == shard.sha256, facts.byteCount == shard.byteCount { return }
      guard facts == nil else {
        throw RemoteStoreError.otherStore(
          address: client.address.description,
          lost: "the shard \(StoreFolder.shardName(shard.number))")
      }
      missing.withLock { $0.append(shard) }
    }
    return missing.withLock { $0 }.sorted { $0.number < $1.number }
  }

  /// Sends the catalog, and its hash for servers that store none with an object; returns its length.
  private func send(_ catalog: String, in work: PrivateFolder) throws -> Int {
    let hash = Digest.sha256(file: catalog)
    let connection = Connection()
    try client.upload(catalog, as: RemoteNames.catalog, sha256: hash, over: connection)
    let listed = "\(work.path)/\(RemoteNames.catalogHash)"
    try DurableFile.write("\(hash)  \(RemoteNames.catalog)\n", to: listed)
    try client.upload(
      listed, as: RemoteNames.catalogHash, sha256: Digest.sha256(file: listed), over: connection)
    return (try? FileManager.default.attributesOfItem(atPath: catalog)[.size] as? Int) ?? 0
  }
}

/// A temporary folder that only the user can read; it is removed with this object.
///
/// A class because the folder is removed once.
final class PrivateFolder: Sendable {
  let path: String

  init() throws(StorageError) {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("twinset-\(UUID().uuidString)").path
    guard mkdir(path, 0o700) == 0 else {
      throw .system(operation: "make the folder", path: path, code: errno)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

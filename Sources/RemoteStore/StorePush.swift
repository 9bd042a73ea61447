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
    let earlier = try earlierStore(continuedBy: StoreState(catalog), in: work)
    let shards = try catalog.shards()
    let missing = replaces ? shards : try missing(of: shards, knownThere: earlier)
    // First: until the catalog is replaced, the earlier one names them, also for a push that goes on
    // later; and a server that permits no removal keeps the earlier store whole.
    if replaces { try removeOthers(than: Set(shards.map(\.number)), known: earlier) }
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
    return Summary(
      shards: shards.count, sent: missing.count,
      bytes: missing.reduce(catalogBytes) { $0 + $1.byteCount })
  }

  /// The numbers of the shards of the store on the server; none if there is no store, or one that
  /// cannot be read and is replaced.
  ///
  /// - Throws: ``RemoteStoreError/otherStore(address:lost:)`` if the store on the server has anything
  ///   that this one has not, and must not be replaced.
  private func earlierStore(
    continuedBy own: StoreState, in work: PrivateFolder
  ) throws -> Set<Int> {
    let earlier: StoreState
    do { earlier = try stateOfServer(in: work) } catch {
      switch error {
      case RemoteStoreError.noStore: return []
      // What --replace repairs, as the messages of these errors say.
      case RemoteStoreError.noHash, StorageError.damaged, CatalogError.notACatalog:
        guard replaces else { throw error }
        return []
      default: throw error
      }
    }
    if !replaces, let lost = try earlier.lost(in: own) {
      throw RemoteStoreError.otherStore(address: client.address.description, lost: lost)
    }
    return earlier.shardNumbers
  }

  private func stateOfServer(in work: PrivateFolder) throws -> StoreState {
    let connection = Connection()
    let hash = try client.catalogHash(over: connection)
    let there = StoreFolder(path: "\(work.path)/there")
    try StorePull.make(there.path)
    try client.download(
      RemoteNames.catalog, to: there.catalog, sha256: hash, byteCount: nil, over: connection)
    return try StoreState(try Catalog.open(there))
  }

  /// How many numbers without a shard end the search for shards that no catalog names.
  private static let gap = 64

  /// Removes the shards of an earlier store from the server.
  ///
  /// - Parameters:
  ///   - own: the numbers of the shards of this store.
  ///   - known: those of the catalog on the server. Shards with higher numbers are searched for: an
  ///     interrupted push sent no catalog, and a damaged one names no shard.
  /// - Throws: `StorageError`.
  private func removeOthers(than own: Set<Int>, known: Set<Int>) throws {
    let connection = Connection()
    var (found, number) = (known, (own.union(known).max() ?? -1) + 1)
    var empty = 0
    while empty < Self.gap {
      let isThere = try client.facts(RemoteNames.shard(number), over: connection) != nil
      if isThere { found.insert(number) }
      (empty, number) = (isThere ? 0 : empty + 1, number + 1)
    }
    // From the last to the first, so that a later search finds those that are left without a gap.
    try TransferPool(connections: connections).run(found.subtracting(own).sorted(by: >)) {
      try client.remove(RemoteNames.shard($0), over: $1)
    }
  }

  /// The shards that must be sent.
  ///
  /// - Parameters:
  ///   - shards: those of the store.
  ///   - known: those that the catalog on the server names with the same hashes. Other programs copy a
  ///     shard without its hash; then its length is compared.
  /// - Returns: the shards in the order of their numbers.
  /// - Throws: ``RemoteStoreError/otherStore(address:lost:)`` for a shard of other content, which a
  ///   push of another store left that did not come to its end.
  private func missing(
    of shards: [ShardRecord], knownThere known: Set<Int>
  ) throws -> [ShardRecord] {
    let missing = Mutex<[ShardRecord]>([])
    try TransferPool(connections: connections).run(shards) { shard, connection in
      let key = RemoteNames.shard(shard.number)
      let facts = try client.facts(key, over: connection)
      let isSame =
        facts?.sha256.map { $0 == shard.sha256 } ?? known.contains(shard.number)
      if let facts, isSame, facts.byteCount == shard.byteCount { return }
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

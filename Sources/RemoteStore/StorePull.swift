import Catalog
import Foundation
import ObjectStorage
import Shards

/// Copies a store from a server into a folder.
///
/// The shards are written first and the catalog last: the folder is a store when all of it is there.
/// A shard that is there already is not fetched again.
public struct StorePull: Sendable {
  /// What was fetched.
  public struct Summary: Sendable, Equatable {
    /// Number of shards of the store.
    public let shards: Int
    /// Number of shards that were fetched; the others were there.
    public let fetched: Int
    /// Number of bytes of them.
    public let bytes: Int
  }

  private let client: ObjectClient
  private let folder: StoreFolder
  private let connections: Int

  /// Prepares the copy; nothing is fetched.
  public init(from client: ObjectClient, into folder: StoreFolder, connections: Int) {
    self.client = client
    self.folder = folder
    self.connections = connections
  }

  /// Copies the store.
  ///
  /// - Parameter progress: called with the number of shards that are there, and of all.
  /// - Returns: what was fetched.
  /// - Throws: ``RemoteStoreError``, `StorageError`, `ShardError` or `CatalogError`.
  public func run(progress: @escaping @Sendable (Int, Int) -> Void) throws -> Summary {
    // Nothing is made before the server has shown that there is a store.
    _ = try client.catalogHash(over: Connection())
    try Self.make(folder.shards)
    let lock = try StoreLock(folder)
    return try withExtendedLifetime(lock) { try fetch(progress) }
  }

  private func fetch(_ progress: @escaping @Sendable (Int, Int) -> Void) throws -> Summary {
    let unfinished = StoreFolder(path: "\(folder.path)/.pull")
    try Self.make(unfinished.path)
    defer { try? FileManager.default.removeItem(atPath: unfinished.path) }
    let hash = try client.catalogHash(over: Connection())
    try client.download(
      RemoteNames.catalog, to: unfinished.catalog, sha256: hash, over: Connection())
    let shards = try Catalog.open(unfinished).shards()
    removeLeftovers()
    try refuseOther(shards)
    let missing = shards.filter {
      let path = folder.shard($0.number)
      return !FileManager.default.fileExists(atPath: path)
        || Digest.sha256(file: path) != $0.sha256
    }
    let there = shards.count - missing.count
    progress(there, shards.count)
    try TransferPool.run(
      missing, connections: connections, progress: { progress(there + $0, shards.count) }
    ) { shard, connection in
      try client.download(
        RemoteNames.shard(shard.number), to: folder.shard(shard.number), sha256: shard.sha256,
        over: connection)
    }
    try DurableFile.synchronizeFolder(folder.shards)
    guard rename(unfinished.catalog, folder.catalog) == 0 else {
      throw StorageError.system(operation: "rename", path: folder.catalog, code: errno)
    }
    try DurableFile.synchronizeFolder(folder.path)
    return Summary(
      shards: shards.count, fetched: missing.count,
      bytes: missing.reduce(0) { $0 + $1.byteCount })
  }

  static func make(_ folder: String) throws(StorageError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch { throw .system(operation: "make the folder", path: folder, code: errno) }
  }

  /// Removes the unfinished files of a copy that was ended.
  private func removeLeftovers() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.shards)) ?? []
    for name in names where name.hasPrefix(DurableFile.temporaryPrefix) {
      unlink("\(folder.shards)/\(name)")
    }
  }

  /// Throws if the folder holds a store that the one on the server does not continue.
  private func refuseOther(_ shards: [ShardRecord]) throws {
    guard folder.exists else { return }
    let there = Dictionary(uniqueKeysWithValues: shards.map { ($0.number, $0.sha256) })
    for own in try Catalog.open(folder).shards() where there[own.number] != own.sha256 {
      throw RemoteStoreError.otherFolder(
        folder: folder.path, shard: StoreFolder.shardName(own.number))
    }
  }
}

extension ObjectClient {
  /// The SHA-256 of the catalog at the address.
  ///
  /// - Throws: ``RemoteStoreError/noStore(address:)`` if there is none.
  func catalogHash(over connection: Connection) throws -> String {
    guard let facts = try facts(RemoteNames.catalog, over: connection) else {
      throw RemoteStoreError.noStore(address: address.description)
    }
    if let hash = facts.sha256 { return hash }
    let line = try text(RemoteNames.catalogHash, over: connection)
    return String(line.prefix { $0.isHexDigit }).lowercased()
  }
}

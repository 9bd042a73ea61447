import Catalog
import Foundation
import ObjectStorage
import Shards

/// Copies a store from a server into a folder.
///
/// The shards are written first and the catalog last: the folder is a store when all of it is there.
/// A shard that is there already is not fetched again, and a store that the one on the server does
/// not continue is not written over, unless the user says so.
public struct StorePull: Sendable {
  /// What was fetched.
  public struct Summary: Sendable, Equatable {
    /// Number of shards of the store.
    public let shards: Int
    /// Number of shards that were fetched; the others were there.
    public let fetched: Int
    /// Number of bytes that were fetched, without the catalog.
    public let bytes: Int
  }

  private let client: ObjectClient
  private let folder: StoreFolder
  private let replaces: Bool
  private let connections: Int

  /// Prepares the copy; nothing is fetched.
  ///
  /// - Parameters:
  ///   - client: reads from the address.
  ///   - folder: the folder.
  ///   - replaces: whether another store in the folder is replaced.
  ///   - connections: the number of transfers at once.
  public init(
    from client: ObjectClient, into folder: StoreFolder, replaces: Bool, connections: Int
  ) {
    self.client = client
    self.folder = folder
    self.replaces = replaces
    self.connections = connections
  }

  /// Copies the store.
  ///
  /// - Parameter progress: called with the number of shards that are there, and of all.
  /// - Returns: what was fetched.
  /// - Throws: ``RemoteStoreError``, `StorageError`, `ShardError` or `CatalogError`.
  public func run(progress: @escaping @Sendable (Int, Int) -> Void) throws -> Summary {
    // Nothing is made before the server has shown that there is a store.
    let hash = try client.catalogHash(over: Connection())
    try Self.make(folder.shards)
    let lock = try StoreLock(folder)
    return try withExtendedLifetime(lock) { try fetch(hash, progress) }
  }

  private func fetch(
    _ hash: String, _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws -> Summary {
    let unfinished = StoreFolder(path: "\(folder.path)/.pull")
    try Self.make(unfinished.path)
    defer { try? FileManager.default.removeItem(atPath: unfinished.path) }
    try client.download(
      RemoteNames.catalog, to: unfinished.catalog, sha256: hash, byteCount: nil,
      over: Connection())
    let shards = try shardsToHave(unfinished)
    Leftovers.remove(in: folder.shards, olderThan: 0)
    let missing = shards.filter {
      let path = folder.shard($0.number)
      return !FileManager.default.fileExists(atPath: path)
        || Digest.sha256(file: path) != $0.sha256
    }
    let there = shards.count - missing.count
    progress(there, shards.count)
    let pool = TransferPool(connections: connections) { progress(there + $0, shards.count) }
    try pool.run(missing) { shard, connection in
      try client.download(
        RemoteNames.shard(shard.number), to: folder.shard(shard.number), sha256: shard.sha256,
        byteCount: shard.byteCount, over: connection)
    }
    try DurableFile.synchronizeFolder(folder.shards)
    try removeJournals()
    guard rename(unfinished.catalog, folder.catalog) == 0 else {
      throw StorageError.system(operation: "rename", path: folder.catalog, code: errno)
    }
    try DurableFile.synchronizeFolder(folder.path)
    return Summary(
      shards: shards.count, fetched: missing.count,
      bytes: missing.reduce(0) { $0 + $1.byteCount })
  }

  /// Removes what SQLite left beside the old catalog.
  ///
  /// A process that was killed leaves changes there that are not in the catalog yet. SQLite would
  /// apply them to whatever catalog lies under that name. The caller holds the lock of the store.
  private func removeJournals() throws(StorageError) {
    for suffix in ["-shm", "-wal", "-journal"] {
      let path = folder.catalog + suffix
      guard unlink(path) == 0 || errno == ENOENT else {
        throw .system(operation: "remove", path: path, code: errno)
      }
    }
  }

  /// The shards of the store on the server.
  ///
  /// - Throws: ``RemoteStoreError/otherFolder(folder:lost:)`` if the folder holds anything that the
  ///   store on the server has not, and must not be replaced.
  private func shardsToHave(_ fetched: StoreFolder) throws -> [ShardRecord] {
    let catalog = try Catalog.open(fetched)
    if folder.exists && !replaces {
      let own = try StoreState(try Catalog.open(folder))
      if let lost = try own.lost(in: StoreState(catalog)) {
        throw RemoteStoreError.otherFolder(folder: folder.path, lost: lost)
      }
    }
    return try catalog.shards()
  }

  static func make(_ folder: String) throws(StorageError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      let code = (error as? CocoaError)?.underlying as? POSIXError
      throw .system(
        operation: "make the folder", path: folder, code: code?.code.rawValue ?? EACCES)
    }
  }
}

/// Unfinished files of processes that were ended.
enum Leftovers {
  /// Removes the unfinished files of a folder that were last written `seconds` ago or earlier.
  static func remove(in folder: String, olderThan seconds: Int) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(DurableFile.temporaryPrefix) {
      var status = stat()
      let path = "\(folder)/\(name)"
      if stat(path, &status) == 0, status.st_mtim.tv_sec <= time(nil) - seconds { unlink(path) }
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
    let listed: String
    do throws(StorageError) {
      listed = try text(RemoteNames.catalogHash, over: connection)
    } catch {
      guard case .missing = error else { throw error }
      throw RemoteStoreError.noHash(object: address.name(RemoteNames.catalogHash))
    }
    guard let hash = Digest.parsed(listed.prefix { $0 != " " && $0 != "\n" }) else {
      throw RemoteStoreError.noHash(object: address.name(RemoteNames.catalogHash))
    }
    return hash
  }
}

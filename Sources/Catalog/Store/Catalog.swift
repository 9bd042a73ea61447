import Foundation
internal import GRDB
import Shards
import Synchronization

/// The database of all images, identities, shards and protocols of a store.
///
/// A class because it owns the connection to the database, which serialises all access.
public final class Catalog: Sendable {
  /// The version of the store format that this code writes, and the newest that it reads.
  public static let format = 2
  /// The oldest version of the store format that this code reads.
  static let oldestFormat = 2
  /// The maximum number of source files in one shard.
  public static let shardCapacity = 1_024

  /// The store's folder.
  public let folder: StoreFolder
  /// Supplies shards that the folder does not hold; `nil` if it holds them all.
  public let provider: (any ShardProvider)?
  private let queue: DatabaseQueue
  private let patience: DatabaseWait
  private let isMigrated = Atomic(false)

  /// Whether the store has the tables and columns of ``factsMigration``; a reader does not add them.
  var hasFacts: Bool { isMigrated.load(ordering: .relaxed) }

  private init(
    folder: StoreFolder, queue: DatabaseQueue, patience: DatabaseWait,
    provider: (any ShardProvider)?
  ) {
    self.folder = folder
    self.provider = provider
    self.queue = queue
    self.patience = patience
  }

  /// Opens the catalog in `folder` for reading.
  ///
  /// - Parameters:
  ///   - folder: the store's folder.
  ///   - provider: supplies the shards if the folder does not hold them.
  /// - Returns: the catalog.
  /// - Throws: ``CatalogError`` if there is none, or one of another format.
  public static func open(
    _ folder: StoreFolder, provider: (any ShardProvider)? = nil
  ) throws(CatalogError) -> Catalog {
    guard folder.exists else { throw .missing(folder: folder.path) }
    let catalog = try connect(folder, to: folder.catalog, provider: provider)
    try catalog.checkFormat()
    return catalog
  }

  /// Opens the catalog in `folder` for writing, and creates an empty one if there is none.
  ///
  /// The caller holds the store's lock and calls ``finishWriting()`` after writing. Until then the
  /// database is in SQLite's write-ahead mode, so that readers and this writer do not wait for each
  /// other.
  ///
  /// - Parameters:
  ///   - folder: the store's folder.
  ///   - onWait: called once if a reader in another journal mode has blocked this program for ten
  ///     seconds.
  /// - Returns: the catalog.
  /// - Throws: ``CatalogError`` if the catalog cannot be opened or created.
  public static func openOrCreate(
    _ folder: StoreFolder, onWait: (@Sendable () -> Void)? = nil
  ) throws(CatalogError) -> Catalog {
    if !folder.exists { try create(folder) }
    let catalog = try open(folder)
    catalog.patience.begin(onWait: onWait)
    try catalog.migrate()
    catalog.preferWriteAhead()
    return catalog
  }

  /// Merges the write-ahead log into the database file.
  ///
  /// If a reader has the database open, the next writer does it.
  public func finishWriting() {
    patience.withoutWaiting { setJournal("DELETE") }
  }

  /// Sets the write-ahead mode if the file system supports it.
  private func preferWriteAhead() {
    guard !StoreFolder.isOnNetwork(folder.path) else { return }
    patience.withoutWaiting { setJournal("WAL") }
  }

  /// Sets the journal mode; if a reader blocks the change, the mode stays as it is.
  private func setJournal(_ mode: String) {
    try? queue.writeWithoutTransaction { database in
      _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = \(mode)")
    }
  }

  /// Creates an empty catalog under a temporary name and then renames it.
  ///
  /// A process killed during the creation leaves no catalog, instead of one without tables.
  private static func create(_ folder: StoreFolder) throws(CatalogError) {
    for suffix in ["", "-journal", "-wal", "-shm"] {
      let leftover = folder.unfinishedCatalog + suffix
      guard unlink(leftover) == 0 || errno == ENOENT else {
        throw .system(operation: "remove", path: leftover, code: errno)
      }
    }
    let catalog = try connect(folder, to: folder.unfinishedCatalog)
    try catalog.migrate()
    do { try catalog.queue.close() } catch { throw catalog.failure(error) }
    guard rename(folder.unfinishedCatalog, folder.catalog) == 0 else {
      throw .system(operation: "rename", path: folder.unfinishedCatalog, code: errno)
    }
    do {
      try DurableFile.synchronizeFolder(folder.path)
    } catch {
      throw .system(operation: "fsync", path: folder.path, code: errno)
    }
  }

  private func migrate() throws(CatalogError) {
    do { try Self.migrator.migrate(queue) } catch { throw failure(error) }
    isMigrated.store(true, ordering: .relaxed)
  }

  /// Connects to the database at `path`.
  ///
  /// A reader also requests write access if the file permits it, because the first process that
  /// opens a catalog after its writer was killed rolls back the unfinished transaction.
  private static func connect(
    _ folder: StoreFolder, to path: String, provider: (any ShardProvider)? = nil
  ) throws(CatalogError) -> Catalog {
    var configuration = Configuration()
    let patience = DatabaseWait()
    configuration.busyMode = .callback { patience.waits(attempt: $0) }
    configuration.label = "catalog"
    do {
      return Catalog(
        folder: folder, queue: try DatabaseQueue(path: path, configuration: configuration),
        patience: patience, provider: provider)
    } catch {
      throw .notACatalog(path: path, reason: describe(error))
    }
  }

  private func checkFormat() throws(CatalogError) {
    let found: (format: String?, superseded: Bool)
    do {
      found = try queue.read { database in
        guard try database.tableExists("store") else { return (nil, false) }
        let format = try String.fetchOne(
          database, sql: "SELECT value FROM store WHERE key = 'format'")
        isMigrated.store(try database.tableExists("correction"), ordering: .relaxed)
        return (format, try Self.migrator.hasBeenSuperseded(database))
      }
    } catch {
      throw .notACatalog(path: folder.catalog, reason: Self.describe(error))
    }
    guard let format = found.format, let version = Int(format) else {
      throw .notACatalog(path: folder.catalog, reason: "it names no format")
    }
    guard version >= Self.oldestFormat else {
      throw .olderFormat(path: folder.catalog, found: format, supported: String(Self.format))
    }
    guard version <= Self.format, !found.superseded else {
      throw .newerFormat(path: folder.catalog, found: format, supported: String(Self.format))
    }
  }

  /// Runs `body` in one read-only transaction.
  ///
  /// Callers pass the result on after the transaction ends: a reader that waits for a terminal or a
  /// pipe must not hold a transaction open.
  func read<Result>(
    _ body: (Database) throws -> Result
  ) throws(CatalogError) -> Result {
    do { return try queue.read(body) } catch { throw failure(error) }
  }

  /// Runs `body` in one transaction, which is committed to disk when `body` returns.
  func write<Result>(
    _ body: (Database) throws -> Result
  ) throws(CatalogError) -> Result {
    do { return try queue.write(body) } catch { throw failure(error) }
  }

  /// Runs `body`, whose statements cannot run in a transaction.
  func outsideTransaction(_ body: (Database) throws -> Void) throws(CatalogError) {
    do { try queue.writeWithoutTransaction(body) } catch { throw failure(error) }
  }

  private func failure(_ error: any Error) -> CatalogError {
    (error as? CatalogError) ?? .database(path: folder.catalog, message: Self.describe(error))
  }

  private static func describe(_ error: any Error) -> String {
    guard let error = error as? DatabaseError else { return "\(error)" }
    let words = error.message ?? "no words for it"
    return "\(words), SQLite's code \(error.extendedResultCode.rawValue)"
  }
}

import Foundation
internal import GRDB

/// What is known of every image, identity, shard and protocol of a store.
///
/// A class because it owns the connection to the database, which serialises all access.
public final class Catalog: Sendable {
  /// The version of the store's format that this code writes, and the newest it reads.
  public static let format = 1
  /// How many source files make one shard at most.
  public static let shardCapacity = 1_024

  /// The store's folder.
  public let folder: StoreFolder
  private let queue: DatabaseQueue

  private init(folder: StoreFolder, queue: DatabaseQueue) {
    self.folder = folder
    self.queue = queue
  }

  /// Opens the catalog in `folder` for reading.
  public static func open(_ folder: StoreFolder) throws(CatalogError) -> Catalog {
    guard folder.exists else { throw .missing(folder: folder.path) }
    let catalog = try connect(folder, writable: false)
    try catalog.checkFormat()
    return catalog
  }

  /// Opens the catalog in `folder` for writing; makes an empty one where there is none.
  public static func openOrCreate(_ folder: StoreFolder) throws(CatalogError) -> Catalog {
    let catalog = try connect(folder, writable: true)
    // A process that ended between making the file and its tables left nothing to check.
    if try !catalog.isEmpty() { try catalog.checkFormat() }
    do {
      try migrator.migrate(catalog.queue)
    } catch {
      throw catalog.failure(error)
    }
    return catalog
  }

  private static func connect(
    _ folder: StoreFolder, writable: Bool
  ) throws(CatalogError) -> Catalog {
    var configuration = Configuration()
    configuration.readonly = !writable
    configuration.busyMode = .timeout(10)
    configuration.label = "catalog"
    do {
      let queue = try DatabaseQueue(path: folder.catalog, configuration: configuration)
      return Catalog(folder: folder, queue: queue)
    } catch {
      throw .notACatalog(path: folder.catalog, reason: describe(error))
    }
  }

  private func isEmpty() throws(CatalogError) -> Bool {
    do {
      return try queue.read { database in
        // The migrator's own table comes first, in a transaction of its own.
        try Int.fetchOne(
          database,
          sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'") == 0
      }
    } catch {
      throw .notACatalog(path: folder.catalog, reason: Self.describe(error))
    }
  }

  private func checkFormat() throws(CatalogError) {
    let found: (format: String?, superseded: Bool)
    do {
      found = try queue.read { database in
        guard try database.tableExists("store") else { return (nil, false) }
        let format = try String.fetchOne(
          database, sql: "SELECT value FROM store WHERE key = 'format'")
        return (format, try Self.migrator.hasBeenSuperseded(database))
      }
    } catch {
      throw .notACatalog(path: folder.catalog, reason: Self.describe(error))
    }
    guard let format = found.format, let version = Int(format) else {
      throw .notACatalog(path: folder.catalog, reason: "it names no format")
    }
    guard version <= Self.format, !found.superseded else {
      throw .newerFormat(path: folder.catalog, found: format, supported: String(Self.format))
    }
  }

  /// Runs `body` in one transaction that only reads.
  func read<Result>(
    _ body: (Database) throws -> Result
  ) throws(CatalogError) -> Result {
    do { return try queue.read(body) } catch { throw failure(error) }
  }

  /// Runs `body` in one transaction, committed to the disk when it returns.
  func write<Result>(
    _ body: (Database) throws -> Result
  ) throws(CatalogError) -> Result {
    do { return try queue.write(body) } catch { throw failure(error) }
  }

  private func failure(_ error: any Error) -> CatalogError {
    (error as? CatalogError) ?? .database(path: folder.catalog, message: Self.describe(error))
  }

  private static func describe(_ error: any Error) -> String {
    guard let error = error as? DatabaseError else { return "\(error)" }
    return error.message ?? "\(error.resultCode)"
  }
}

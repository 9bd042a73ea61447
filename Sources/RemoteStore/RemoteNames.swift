import Catalog

/// The names of a store's objects below its address: those of the files in its folder, so that any
/// copy of the folder can be read.
enum RemoteNames {
  static let catalog = "catalog.sqlite"
  /// The hash of the catalog in the format of sha256sum, for servers that store none with an object.
  static let catalogHash = "catalog.sqlite.sha256"

  static func shard(_ number: Int) -> String { "shards/\(StoreFolder.shardName(number))" }
}

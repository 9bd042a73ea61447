import Catalog
import Foundation
import Shards

/// The overwriting of rows that a catalog has asked for.
enum ShardWipes {
  /// Overwrites the rows of forgotten people in the shards that the catalog names.
  static func complete(_ catalog: Catalog) throws {
    for (shard, rows) in try catalog.unwipedShards().sorted(by: { $0.key < $1.key }) {
      let path = catalog.folder.shard(shard)
      if FileManager.default.fileExists(atPath: path) {
        _ = try ShardWiping.wipe(path, rows: rows, isWritten: true)
      }
      try catalog.recordWiped(shard: shard)
    }
  }
}

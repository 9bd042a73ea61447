import Shards

extension Catalog {
  /// What the store is called in messages.
  public var storeName: String { provider?.storeName ?? folder.path }

  /// Opens a shard of the store.
  ///
  /// - Throws: `ShardError`, or the error of the provider.
  public func openShard(_ number: Int) throws -> ShardFile {
    try provider?.open(number) ?? ShardFile(path: folder.shard(number))
  }
}

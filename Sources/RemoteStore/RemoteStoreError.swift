/// The reason why a store cannot be copied to or from a server, or read from there.
public enum RemoteStoreError: Error, Sendable {
  /// There is no store at the address.
  case noStore(address: String)
  /// A file of the store on this machine is not the one that its catalog describes.
  case damagedShard(path: String)
  /// Another store, or another state of it, lies at the address.
  case otherStore(address: String, object: String)
  /// The folder holds another store, or another state of it.
  case otherFolder(folder: String, shard: String)
  /// The cache cannot hold a single shard.
  case smallCache(limit: Int, needed: Int)
}

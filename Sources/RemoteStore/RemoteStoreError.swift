/// The reason why a store cannot be copied to or from a server, or read from there.
public enum RemoteStoreError: Error, Sendable {
  /// There is no store at the address.
  case noStore(address: String)
  /// The server has no hash of the catalog, or something else in its place.
  case noHash(object: String)
  /// A file of the store on this machine is not the one that its catalog describes.
  case damagedShard(path: String)
  /// The store at the address has something that would be lost.
  case otherStore(address: String, lost: String)
  /// The store in the folder has something that would be lost.
  case otherFolder(folder: String, lost: String)
  /// The cache cannot hold a single shard.
  case smallCache(limit: Int, needed: Int)
}

import Shards

/// Supplies the shards of a store whose folder does not hold them all.
///
/// A class because its files come and go while it is used.
public protocol ShardProvider: AnyObject, Sendable {
  /// What the store is called in messages, as "s3://bucket/prefix".
  var storeName: String { get }

  /// Opens a shard whose bytes were checked against the catalog; waits until it is there.
  func open(_ number: Int) throws -> ShardFile

  /// Whether the file of a shard is kept, so that a reader may keep it open.
  func holds(_ number: Int) -> Bool

  /// Announces the shards that are read next, in this order; an earlier announcement ends.
  func willRead(_ numbers: [Int])
}

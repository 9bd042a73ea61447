import Catalog
import Imaging

/// Hands out the parts of one shard after the other.
struct PartQueue {
  private let configuration: SampleConfiguration
  private let folder: StoreFolder
  /// How many shards are begun before the first of them has to be finished, so that what is held of
  /// them does not grow behind a picture that takes long.
  private let shardLimit: Int
  private var begun = 0
  /// How many shards are done.
  var finished = 0
  private var current: (shard: OpenShard, part: Int)?

  init(_ configuration: SampleConfiguration, _ folder: StoreFolder, shardLimit: Int) {
    self.configuration = configuration
    self.folder = folder
    self.shardLimit = shardLimit
  }

  /// The next part; `nil` when there is none, or none before a shard is finished.
  mutating func next(
    _ plan: inout ShardPlan
  ) throws -> (shard: OpenShard, part: Int)? {
    if current == nil {
      guard begun - finished < shardLimit, let assignment = try plan.next() else { return nil }
      current = (try OpenShard(assignment, configuration: configuration, in: folder), 0)
      begun += 1
    }
    let next = current
    current = current.flatMap { shard, part in
      part + 1 < shard.partCount ? (shard, part + 1) : nil
    }
    return next
  }
}

import Catalog
import Imaging

/// Hands out the parts of the shards, one shard after the other.
struct PartQueue {
  private let configuration: SampleConfiguration
  private let folder: StoreFolder
  /// The maximum number of unfinished shards, so that memory does not grow while one slow image is
  /// processed.
  private let shardLimit: Int
  private var begun = 0
  /// Number of finished shards.
  var finished = 0
  private var current: (shard: OpenShard, part: Int)?

  init(_ configuration: SampleConfiguration, _ folder: StoreFolder, shardLimit: Int) {
    self.configuration = configuration
    self.folder = folder
    self.shardLimit = shardLimit
  }

  /// Returns the next part; `nil` if there is none, or none until a shard is finished.
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

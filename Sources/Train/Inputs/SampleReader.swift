import Catalog
import Shards

/// Reads samples of a store.
///
/// A class because it opens each shard once, on first use, and checks its SHA-256 then.
final class SampleReader {
  /// The shape of every sample.
  let shape: SampleShape
  private let folder: StoreFolder
  private let digests: [Int: String]
  private var shards: [Int: ShardReader] = [:]

  init(_ catalog: Catalog) throws {
    folder = catalog.folder
    digests = try catalog.shardDigests()
    guard let first = digests.keys.min() else { throw TrainError.noPairs(store: folder.path) }
    let path = folder.shard(first)
    shape = try ShardReader(path: path).shape
  }

  private func shard(_ number: Int) throws -> ShardReader {
    if let shard = shards[number] { return shard }
    let path = folder.shard(number)
    let shard = try ShardReader(path: path)
    guard shard.sha256() == digests[number] else { throw TrainError.changedShard(path: path) }
    shards[number] = shard
    return shard
  }

  /// Copies the sample `id`, `[height, width, channel]`, to `target`.
  func read(_ id: Int, to target: UnsafeMutablePointer<UInt8>) throws {
    let shard = try shard(id / Catalog.shardCapacity)
    try shard.withSample(id % Catalog.shardCapacity) { bytes in
      UnsafeMutableRawBufferPointer(start: target, count: bytes.count).copyMemory(from: bytes)
    }
  }
}

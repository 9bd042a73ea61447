import Catalog
import Shards

/// Reads samples of stores.
///
/// A class because it opens each shard on first use and checks its SHA-256 then. Shards are read
/// with `pread`, so that a truncated file causes an error. Not safe to share between threads.
final class SampleReader {
  /// The shape of every sample.
  let shape: SampleShape
  private let stores: StoreSet
  private let digests: [[Int: String]]
  private let verifies: Bool
  private var open: [Shard: (file: ShardFile, lastUse: Int)] = [:]
  /// The state of each verified shard, so that it is not hashed again when it is opened again.
  private var verified: [Shard: ShardFile.Stamp] = [:]
  private var uses = 0

  private struct Shard: Hashable {
    let store: Int
    let number: Int
  }

  /// Number of shards that are open at once; a process may have 1,024 files open.
  private static let maxOpen = 256

  /// Opens the stores.
  ///
  /// - Parameters:
  ///   - stores: the stores.
  ///   - verifies: whether each shard's SHA-256 is checked on first use.
  /// - Throws: ``TrainError``; also if two stores have samples of different shapes.
  init(_ stores: StoreSet, verifies: Bool) throws {
    self.stores = stores
    self.verifies = verifies
    digests = try stores.catalogs.map { try $0.shardDigests() }
    shape = try stores.shape()
  }

  private func file(_ shard: Shard) throws -> ShardFile {
    uses += 1
    if let found = open[shard] {
      open[shard]?.lastUse = uses
      return found.file
    }
    let catalog = stores.catalogs[shard.store]
    let path = "\(catalog.storeName)/shards/\(StoreFolder.shardName(shard.number))"
    let file = try catalog.openShard(shard.number)
    guard file.shape == shape else { throw TrainError.changedShard(path: path) }
    if let provider = catalog.provider {
      // A file that the provider removed would take up room as long as it is open.
      for other in open.keys where other.store == shard.store && !provider.holds(other.number) {
        open[other] = nil
      }
    } else if verifies {
      try verify(file, shard, path)
    }
    if open.count >= Self.maxOpen,
      let oldest = open.min(by: { $0.value.lastUse < $1.value.lastUse })
    {
      open[oldest.key] = nil
    }
    open[shard] = (file, uses)
    return file
  }

  private func verify(_ file: ShardFile, _ shard: Shard, _ path: String) throws {
    let stamp = try file.stamp()
    guard verified[shard] != stamp else { return }
    guard try file.sha256() == digests[shard.store][shard.number] else {
      throw TrainError.changedShard(path: path)
    }
    verified[shard] = stamp
  }

  /// Copies the sample `id`, `[height, width, channel]`, to `target`.
  func read(_ id: Int, to target: UnsafeMutablePointer<UInt8>) throws {
    let (store, own) = StoreSet.split(id)
    let (number, row) = own.quotientAndRemainder(dividingBy: Catalog.shardCapacity)
    let file = try file(Shard(store: store, number: number))
    guard row < file.count else {
      throw TrainError.changedShard(
        path: "\(stores.catalogs[store].storeName)/shards/\(StoreFolder.shardName(number))")
    }
    try file.read(row, to: target)
  }
}

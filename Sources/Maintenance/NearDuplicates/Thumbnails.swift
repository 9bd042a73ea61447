import Catalog
import Imaging
import Shards

/// Loads thumbnails of stored samples.
///
/// A class because it keeps some shards open.
final class Thumbnails {
  private let folder: StoreFolder
  private let perceptual = PerceptualHash()
  private var readers: [Int: ShardFile?] = [:]
  private var known: [Int: [UInt8]] = [:]
  /// Number of thumbnails kept in memory, one kilobyte each.
  private static let thumbnailLimit = 8_192
  /// Number of shards open at once, well below the limit of a process.
  private static let readerLimit = 64

  init(_ folder: StoreFolder) {
    self.folder = folder
  }

  /// Returns the correlation of two samples; `nil` if the shard of one cannot be read.
  func correlation(_ one: Int, _ other: Int) -> Double? {
    guard let one = thumbnail(one), let other = thumbnail(other) else { return nil }
    return PerceptualHash.correlation(one, other)
  }

  private func thumbnail(_ id: Int) -> [UInt8]? {
    if let thumbnail = known[id] { return thumbnail }
    if known.count >= Self.thumbnailLimit { known.removeAll() }
    let thumbnail = make(id)
    if let thumbnail { known[id] = thumbnail }
    return thumbnail
  }

  private func make(_ id: Int) -> [UInt8]? {
    let (shard, row) = id.quotientAndRemainder(dividingBy: Catalog.shardCapacity)
    guard let reader = reader(shard), row < reader.count,
      let pixels = try? reader.sample(row)
    else { return nil }
    return perceptual.thumbnail(
      Image(
        width: reader.shape.width, height: reader.shape.height,
        channels: reader.shape.channels, pixels: pixels))
  }

  private func reader(_ shard: Int) -> ShardFile? {
    if let reader = readers[shard] { return reader }
    if readers.count >= Self.readerLimit { readers.removeAll() }
    let reader = try? ShardFile(path: folder.shard(shard))
    readers[shard] = .some(reader)
    return reader
  }
}

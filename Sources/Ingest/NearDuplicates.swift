import Catalog
import Shards

/// Finds samples that look alike without being the same.
public enum NearDuplicates {
  /// Thumbnails that correlate at least so much are of one photograph.
  ///
  /// On LFW deepfunneled this and hashes within six bits find the five photographs known to lie
  /// under two names, and no other pair of two people; Documentation/Design.md has the counts.
  public static let leastCorrelation = 0.95

  /// Brings the near duplicates of a store up to date, unless they are.
  static func refresh(_ catalog: Catalog) throws(IngestError) {
    let isStale = try onCatalog { () throws(CatalogError) in try catalog.nearDuplicatesAreStale() }
    guard isStale else { return }
    let thumbnails = Thumbnails(catalog.folder)
    try onCatalog { () throws(CatalogError) in
      try catalog.refreshNearDuplicates { sample, earlier in
        let correlation = PerceptualHash.correlation(
          try thumbnails.thumbnail(sample), try thumbnails.thumbnail(earlier))
        return correlation >= leastCorrelation ? correlation : nil
      }
    }
  }

  /// Thumbnails of stored samples.
  ///
  /// A class because it keeps some shards open.
  private final class Thumbnails {
    private let folder: StoreFolder
    private let perceptual = PerceptualHash()
    private var readers: [Int: ShardReader] = [:]
    private var known: [Int: [UInt8]] = [:]
    /// Thumbnails kept at once, a kilobyte each.
    private static let thumbnailLimit = 8_192
    /// Shards open at once, well below what a process may have.
    private static let readerLimit = 64

    init(_ folder: StoreFolder) {
      self.folder = folder
    }

    func thumbnail(_ id: Int) throws -> [UInt8] {
      if let thumbnail = known[id] { return thumbnail }
      if known.count >= Self.thumbnailLimit { known.removeAll() }
      let thumbnail = try make(id)
      known[id] = thumbnail
      return thumbnail
    }

    private func make(_ id: Int) throws -> [UInt8] {
      let (shard, row) = id.quotientAndRemainder(dividingBy: Catalog.shardCapacity)
      let reader = try reader(shard)
      return try reader.withSample(row) { pixels in
        perceptual.thumbnail(
          Picture(
            width: reader.shape.width, height: reader.shape.height,
            channels: reader.shape.channels, pixels: Array(pixels)))
      }
    }

    private func reader(_ shard: Int) throws -> ShardReader {
      if let reader = readers[shard] { return reader }
      if readers.count >= Self.readerLimit { readers.removeAll() }
      let reader = try ShardReader(path: folder.shard(shard))
      readers[shard] = reader
      return reader
    }
  }
}

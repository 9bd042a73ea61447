import Catalog
import Plots
import Shards

/// The stored samples of a store as pictures.
///
/// A class because it keeps shards open, at most ``maxOpen`` of them.
public final class SamplePictures {
  private let catalog: Catalog
  private var open: [Int: ShardFile] = [:]

  /// Number of shards that are open at once.
  private static let maxOpen = 64

  /// Reads the pictures of a store.
  public init(_ catalog: Catalog) { self.catalog = catalog }

  /// The picture of a sample.
  ///
  /// - Throws: `ShardError`, or the error of the store's provider, if the shard cannot be read, or has no such row.
  public func picture(of id: Int) throws -> Picture {
    let (number, row) = id.quotientAndRemainder(dividingBy: Catalog.shardCapacity)
    let file = try shard(number)
    guard row < file.count else {
      throw ShardError.missingTensor(
        path: catalog.folder.shard(number), tensor: "images, row \(row)")
    }
    let shape = file.shape
    var pixels = [UInt8](repeating: 0, count: shape.width * shape.height * shape.channels)
    try pixels.withUnsafeMutableBufferPointer { buffer in
      if let start = buffer.baseAddress { try file.read(row, to: start) }
    }
    return Picture(
      width: shape.width, height: shape.height, channels: shape.channels, pixels: pixels)
  }

  private func shard(_ number: Int) throws -> ShardFile {
    if let file = open[number] { return file }
    if open.count >= Self.maxOpen { open.removeAll() }
    let file = try catalog.openShard(number)
    open[number] = file
    return file
  }
}

import Catalog
import Plots
import Shards

/// The stored samples of a store as pictures.
///
/// A class because it keeps shards open.
public final class SamplePictures {
  private let reader: SampleReader

  /// Opens the store.
  public init(_ catalog: Catalog) throws {
    reader = try SampleReader(StoreSet([catalog]), verifies: false)
  }

  /// The picture of a sample.
  public func picture(of id: Int) throws -> Picture {
    let shape = reader.shape
    var pixels = [UInt8](repeating: 0, count: shape.width * shape.height * shape.channels)
    try pixels.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      try reader.read(id, to: start)
    }
    return Picture(
      width: shape.width, height: shape.height, channels: shape.channels, pixels: pixels)
  }
}

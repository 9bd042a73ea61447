import Foundation
import Shards

/// How photographs become samples; one for a whole store.
public struct IngestConfiguration: Codable, Equatable, Sendable {
  /// The channels of a sample.
  public enum Color: String, Codable, Sendable, CaseIterable {
    case rgb
    case gray
  }

  /// How a picture is brought to the sample's size.
  public enum Resampling: String, Codable, Sendable, CaseIterable {
    /// Bit for bit Pillow 12.2.0's `LANCZOS`.
    case lanczos
    /// Bit for bit Pillow 12.2.0's `BILINEAR`.
    case bilinear
    /// Every n-th pixel of every n-th row, no filter.
    case decimate
  }

  /// The width of a sample in pixels.
  public var width: Int
  /// The height of a sample in pixels.
  public var height: Int
  /// Gray or RGB.
  public var color: Color
  /// The resampling filter.
  public var resample: Resampling
  /// Pictures of more pixels than this are rejected before they are decoded.
  public var maxPixels: Int

  /// The default for ``maxPixels``: a hundred million.
  public static let defaultMaxPixels = 100_000_000

  /// A configuration; `width` and `height` in pixels.
  public init(
    width: Int, height: Int, color: Color, resample: Resampling,
    maxPixels: Int = defaultMaxPixels
  ) {
    self.width = width
    self.height = height
    self.color = color
    self.resample = resample
    self.maxPixels = maxPixels
  }

  private enum CodingKeys: String, CodingKey {
    case width, height, color, resample
    case maxPixels = "max_pixels"
  }

  /// The shape of every sample.
  public var shape: SampleShape {
    SampleShape(height: height, width: width, channels: color == .gray ? 1 : 3)
  }

  /// The configuration as JSON with sorted keys, as the store keeps it.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

import Configuration
import Foundation
import Shards

/// How photographs become samples; one for a whole store.
public struct SampleConfiguration: Codable, Equatable, Sendable {
  /// The channels of a sample.
  public enum Color: String, NamedChoice, Sendable {
    case rgb
    case gray
  }

  /// How a picture is brought to the sample's size.
  public enum Resampling: String, NamedChoice, Sendable {
    /// Bit for bit Pillow's `LANCZOS`; of which versions, ``pillow`` says.
    case lanczos
    /// Bit for bit Pillow's `BILINEAR`.
    case bilinear
    /// Every n-th pixel of every n-th row, no filter.
    case decimate
    /// libvips's own `vips_resize` with its kernel lanczos3; changes with the version of libvips.
    case vipsLanczos3 = "vips-lanczos3"
  }

  /// What of a picture becomes the sample.
  public enum Cropping: String, Codable, Sendable, CaseIterable {
    /// All of it, whatever its shape.
    case none
    /// The square in its middle.
    case center
    /// The square around the face that dlib's detector finds.
    case dlib
  }

  /// What happens to a picture whose sides are not in the proportion of the sample's.
  public enum Fit: String, Codable, Sendable, CaseIterable {
    /// Each axis is resampled by itself, as Pillow's `resize` does.
    case stretch
    /// The middle of the picture in the sample's proportion is taken.
    case crop
    /// All of the picture is taken, with black bars at two sides.
    case pad
  }

  /// What happens to a picture in which no face is found.
  public enum MissingFace: String, Codable, Sendable, CaseIterable {
    /// The square in its middle is taken, and the store says so.
    case center
    /// It is rejected.
    case reject
  }

  /// The width of a sample in pixels.
  public var width: Int
  /// The height of a sample in pixels.
  public var height: Int
  /// Gray or RGB.
  public var color: Color
  /// The resampling filter.
  public var resample: Resampling
  /// What of a picture is taken.
  public var crop = Cropping.none
  /// The side of the square; `nil` without a crop.
  ///
  /// For `center` in shorter sides of the picture, for `dlib` in sides of the face's box.
  public var cropFactor: Double?
  /// What happens without a face; `nil` unless the crop looks for one.
  public var onMissingFace: MissingFace?
  /// SHA-256 of the landmark file that faces are turned upright by; `nil` without one.
  public var landmarks: String?
  /// How pictures of another proportion are fitted; `nil` to stretch them.
  public var fit: Fit?
  /// The version of Pillow whose order of passes is followed: 13 for 13.0 and later; `nil` for 9.5 to
  /// 12.2.
  ///
  /// Both round to 8 bits between the passes, so that the order shows. From 13.0 on the vertical pass
  /// goes first where the height shrinks by more than twice as much as the width (python-pillow pull
  /// request 9549).
  public var pillow: Int?
  /// Pictures of more pixels than this are rejected before they are decoded.
  public var maxPixels: Int
  /// Files of more bytes than this are rejected before they are read.
  public var maxBytes: Int

  /// The default for ``maxPixels``: a hundred million.
  public static let defaultMaxPixels = 100_000_000
  /// The default for ``maxBytes``: 256 MiB.
  public static let defaultMaxBytes = 256 << 20
  /// Pictures with a side shorter than this show no face that anybody could compare.
  public static let minSide = 8

  /// A configuration without a crop; `width` and `height` in pixels.
  public init(
    width: Int, height: Int, color: Color, resample: Resampling,
    maxPixels: Int = defaultMaxPixels, maxBytes: Int = defaultMaxBytes
  ) {
    self.width = width
    self.height = height
    self.color = color
    self.resample = resample
    self.maxPixels = maxPixels
    self.maxBytes = maxBytes
  }

  private enum CodingKeys: String, CodingKey {
    case width, height, color, resample, crop, landmarks, fit, pillow
    case cropFactor = "crop_factor"
    case onMissingFace = "on_missing_face"
    case maxPixels = "max_pixels"
    case maxBytes = "max_bytes"
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

import Configuration
import Foundation
import Shards

/// The conversion of photographs to samples; one configuration per store.
public struct SampleConfiguration: Codable, Equatable, Sendable {
  /// The channels of a sample.
  public enum Color: String, NamedChoice, Sendable {
    case rgb
    case gray
  }

  /// The method that resamples an image to the sample's size.
  public enum Resampling: String, NamedChoice, Sendable {
    /// Bit-identical to Pillow's `LANCZOS`; ``pillow`` selects the versions.
    case lanczos
    /// Bit-identical to Pillow's `BILINEAR`.
    case bilinear
    /// Every n-th pixel of every n-th row, without a filter.
    case decimate
    /// libvips's `vips_resize` with the kernel lanczos3; the result depends on the version of
    /// libvips.
    case vipsLanczos3 = "vips-lanczos3"
  }

  /// The part of an image that becomes the sample.
  public enum Cropping: String, Codable, Sendable, CaseIterable {
    /// The whole image, regardless of its shape.
    case none
    /// The centred square.
    case center
    /// The square around the face that dlib's detector finds.
    case dlib
  }

  /// The treatment of an image whose aspect ratio differs from the sample's.
  public enum Fit: String, Codable, Sendable, CaseIterable {
    /// Each axis is resampled independently, as in Pillow's `resize`.
    case stretch
    /// The centre of the image is cut out in the sample's aspect ratio.
    case crop
    /// The whole image is used, with black bars on two sides.
    case pad
  }

  /// The treatment of an image in which no face is found.
  public enum MissingFace: String, Codable, Sendable, CaseIterable {
    /// The centred square is used, and the store records this.
    case center
    /// The image is rejected.
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
  /// The part of the image that becomes the sample.
  public var crop = Cropping.none
  /// The side of the square; `nil` without a crop.
  ///
  /// The unit is the shorter side of the image for `center`, and the side of the face's box for
  /// `dlib`.
  public var cropFactor: Double?
  /// The treatment of images without a face; `nil` unless the crop detects faces.
  public var onMissingFace: MissingFace?
  /// SHA-256 of the landmarks file used to rotate faces upright; `nil` if there is none.
  public var landmarks: String?
  /// The treatment of images with another aspect ratio; `nil` to stretch them.
  public var fit: Fit?
  /// The version of Pillow whose order of passes is used: 13 for 13.0 and later; `nil` for 9.5 to
  /// 12.2.
  ///
  /// Both orders round to 8 bits between the passes, so the order affects the result. From 13.0 on
  /// the vertical pass comes first if the height shrinks by more than twice the factor of the width
  /// (python-pillow pull request 9549).
  public var pillow: Int?
  /// Images with more pixels are rejected before decoding.
  public var maxPixels: Int
  /// Files with more bytes are rejected before reading.
  public var maxBytes: Int

  /// The default for ``maxPixels``: 100 million.
  public static let defaultMaxPixels = 100_000_000
  /// The default for ``maxBytes``: 256 MiB.
  public static let defaultMaxBytes = 256 << 20
  /// The minimum side of an image; a face in a smaller image cannot be compared.
  public static let minSide = 8

  /// Creates a configuration without a crop; `width` and `height` are in pixels.
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

  /// The configuration as JSON with sorted keys, as stored in the catalog.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

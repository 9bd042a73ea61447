/// What ingest measures of an image.
///
/// Samples of stores made by an earlier version have none.
public struct ImageFacts: Sendable, Equatable {
  /// The format of the file, as "jpeg".
  public let format: String
  /// Number of channels of the file, with alpha.
  public let channels: Int
  /// The EXIF orientation, 1 to 8; 1 if the file states none.
  public let orientation: Int
  /// The mean luma of the sample, 0 to 255.
  public let brightness: Double
  /// The standard deviation of the sample's luma, 0 to 127.5.
  public let contrast: Double
  /// The variance of the Laplacian of the sample's luma; a blurred image has a small one.
  public let sharpness: Double

  /// Creates the facts about an image.
  public init(
    format: String, channels: Int, orientation: Int, brightness: Double, contrast: Double,
    sharpness: Double
  ) {
    self.format = format
    self.channels = channels
    self.orientation = orientation
    self.brightness = brightness
    self.contrast = contrast
    self.sharpness = sharpness
  }
}

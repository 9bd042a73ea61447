import Configuration
import Neural

/// The samples that a network or a recipe expects.
public struct InputSamples: Codable, Sendable, Equatable {
  /// Number of pixels per row.
  public let width: Int
  /// Number of rows.
  public let height: Int
  /// 1 for grey, 3 for RGB.
  public let channels: Int

  /// Creates a description of samples.
  public init(width: Int, height: Int, channels: Int) {
    (self.width, self.height, self.channels) = (width, height, channels)
  }

  /// The text form for users, such as "105x105 RGB".
  public var description: String { "\(width)x\(height) \(channels == 1 ? "gray" : "RGB")" }

  /// Throws if a size is invalid.
  ///
  /// - Throws: ``ConfigurationError``.
  func check(what: String, path: String) throws(ConfigurationError) {
    guard (1...4_096).contains(width), (1...4_096).contains(height), [1, 3].contains(channels)
    else {
      throw ConfigurationError(
        what: what, path: path,
        reason: "width and height must be in 1...4096 and channels 1 or 3")
    }
  }

  /// The shape of one row of a tower's input.
  public var shape: ActivationShape {
    .image(height: height, width: width, channels: channels)
  }
}

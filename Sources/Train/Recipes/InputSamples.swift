import Configuration
import Neural

/// The samples that a network or a recipe takes.
public struct InputSamples: Codable, Sendable, Equatable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// 1 for grey, 3 for RGB.
  public let channels: Int

  /// As users write it.
  public var description: String { "\(width)x\(height) \(channels == 1 ? "gray" : "RGB")" }

  /// Refuses lengths that no sample has.
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

  /// What one row of a tower's input is.
  public var shape: ActivationShape {
    .image(height: height, width: width, channels: channels)
  }
}

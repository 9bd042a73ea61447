/// The shape of one sample's activation.
public enum ActivationShape: Equatable, Sendable, CustomStringConvertible {
  /// `[height, width, channel]`.
  case image(height: Int, width: Int, channels: Int)
  /// `[feature]`.
  case features(Int)

  /// Number of values of one sample.
  public var count: Int {
    switch self {
    case .image(let height, let width, let channels): height * width * channels
    case .features(let count): count
    }
  }

  /// The shape as "54x44x6" (height first) or "50".
  public var description: String {
    switch self {
    case .image(let height, let width, let channels): "\(height)x\(width)x\(channels)"
    case .features(let count): "\(count)"
    }
  }
}

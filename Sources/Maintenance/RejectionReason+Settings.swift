import Catalog
import Imaging

extension RejectionReason {
  /// Says whether a file that was rejected for this reason might be accepted with other settings.
  ///
  /// - Parameter configuration: the settings.
  /// - Returns: true if it might.
  public func mayFollow(from configuration: SampleConfiguration) -> Bool {
    switch self {
    case .tooLarge, .noFace, .dlibFailed, .noIdentity: true
    // With other filters an image is too small or unsupported regardless of the settings.
    case .tooSmall, .unsupported: configuration.resample == .decimate
    case .unreadable, .empty, .notAnImage, .truncated, .damaged, .duplicate, .excluded: false
    }
  }
}

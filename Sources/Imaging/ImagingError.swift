/// A condition that prevents reading any image.
public enum ImagingError: Error, Sendable {
  /// libvips or dlib did not start.
  case decoderUnavailable
  /// The landmarks file cannot be used.
  case badLandmarks(path: String, reason: String)
}

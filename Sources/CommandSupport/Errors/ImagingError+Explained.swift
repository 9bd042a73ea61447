import Imaging

extension ImagingError: ExplainedError {
  /// The message for the user.
  public var explanation: String {
    switch self {
    case .decoderUnavailable:
      "libvips does not start. Install it again with scripts/bootstrap."
    case .badLandmarks(let path, let reason):
      "The landmarks file \(path) cannot be used: \(reason). Name a shape predictor of dlib with "
        + "5 or 68 points."
    }
  }
}

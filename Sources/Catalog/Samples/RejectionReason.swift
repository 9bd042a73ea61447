/// The reason why a file did not become a sample.
///
/// This is a closed list, so that reports can count by reason. `ImageDecoder` and `SourceFile` find out
/// whether a file can be read, `Resampler` and `FaceFinder` whether a sample can be made of it,
/// `IngestWorker` adds folders that cannot be listed and empty names, and the view `rejections` adds
/// duplicates and excluded samples.
public enum RejectionReason: String, Sendable, CaseIterable, Codable {
  /// The file could not be opened or read.
  case unreadable
  /// The file has no bytes.
  case empty
  /// No decoder recognises the format.
  case notAnImage = "not-an-image"
  /// The file ends before the end of its image.
  case truncated
  /// The image is damaged.
  case damaged
  /// The image has more pixels or bytes than the limit.
  case tooLarge = "too-large"
  /// The image has too few pixels for a sample.
  case tooSmall = "too-small"
  /// A kind of image that cannot be converted to 8-bit gray or RGB.
  case unsupported
  /// No face was found, and a face is required.
  case noFace = "no-face"
  /// dlib could not search the image for a face, or could not extract it.
  case dlibFailed = "dlib-failed"
  /// The layout's pattern does not find an identity name in the path.
  case noIdentity = "no-identity"
  /// Another sample has the same bytes or pixels, and duplicates are dropped.
  case duplicate
  /// A list of the user excludes it.
  case excluded
}

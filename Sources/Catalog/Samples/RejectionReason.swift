/// Why a file did not become a sample: a closed list, so that reports can count by it.
public enum RejectionReason: String, Sendable, CaseIterable, Codable {
  /// The file could not be opened or read.
  case unreadable
  /// The file has no bytes.
  case empty
  /// No decoder knows the format.
  case notAnImage = "not-an-image"
  /// The file ends before its image does.
  case truncated
  /// The image is damaged.
  case damaged
  /// More pixels or bytes than the limit.
  case tooLarge = "too-large"
  /// Fewer pixels than a sample can be made of.
  case tooSmall = "too-small"
  /// A kind of image that cannot become gray or RGB of 8 bits.
  case unsupported
  /// No face was found where one is required.
  case noFace = "no-face"
  /// dlib could not search the image for a face, or could not cut one out.
  case dlibFailed = "dlib-failed"
  /// The layout's pattern finds no name of an identity in the path.
  case noIdentity = "no-identity"
  /// Another sample has the same bytes or pixels, and duplicates were to be dropped.
  case duplicate
}

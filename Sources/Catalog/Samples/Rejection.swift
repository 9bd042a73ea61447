/// A file that did not become a sample.
public struct Rejection: Sendable, Equatable, Encodable {
  /// The dataset's name.
  public let dataset: String
  /// The file, relative to the dataset's root.
  public let path: String
  /// The reason.
  public let reason: RejectionReason
  /// Further details, if there are any.
  public let detail: String
  /// Length and modification time of the file; `nil` if they are not known.
  public let file: FileStamp?
  /// SHA-256 of the file; `nil` if it could not be read.
  public let sha256: String?
  /// A small JPEG of the image; `nil` if it was not decoded.
  public let thumbnail: [UInt8]?

  /// Creates a rejection of the file at `path`.
  public init(
    dataset: String, path: String, reason: RejectionReason, detail: String, file: FileStamp? = nil,
    sha256: String? = nil, thumbnail: [UInt8]? = nil
  ) {
    self.thumbnail = thumbnail
    self.sha256 = sha256
    self.dataset = dataset
    self.path = path
    self.reason = reason
    self.detail = detail
    self.file = file
  }

  private enum CodingKeys: String, CodingKey {
    case dataset, path, reason, detail
  }
}

import Catalog

/// The reason why a file does not become a sample.
package struct ImageFailure: Error, Equatable {
  /// The reason recorded in the rejection.
  package let reason: RejectionReason
  /// Further details; may be empty.
  package let detail: String
  /// A small JPEG of the image; `nil` if it was not decoded.
  package let thumbnail: [UInt8]?

  package init(reason: RejectionReason, detail: String, thumbnail: [UInt8]? = nil) {
    self.reason = reason
    self.detail = detail
    self.thumbnail = thumbnail
  }

  /// The same with a picture.
  func with(thumbnail: [UInt8]?) -> ImageFailure {
    ImageFailure(reason: reason, detail: detail, thumbnail: thumbnail)
  }
}

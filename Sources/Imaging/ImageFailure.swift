import Catalog

/// Why a file does not become a sample.
package struct ImageFailure: Error, Equatable {
  /// The reason that its rejection gets.
  package let reason: RejectionReason
  /// More about it, in words; may be empty.
  package let detail: String

  package init(reason: RejectionReason, detail: String) {
    self.reason = reason
    self.detail = detail
  }
}

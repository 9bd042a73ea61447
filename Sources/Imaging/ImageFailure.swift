import Catalog

/// The reason why a file does not become a sample.
package struct ImageFailure: Error, Equatable {
  /// The reason recorded in the rejection.
  package let reason: RejectionReason
  /// Further details; may be empty.
  package let detail: String

  package init(reason: RejectionReason, detail: String) {
    self.reason = reason
    self.detail = detail
  }
}

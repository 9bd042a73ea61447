import Foundation

/// Bounds the pixels that all workers together hold decoded, so that memory does not grow with their
/// number.
///
/// A class because the workers share it. Safe to share: `condition` protects `held`, and nothing else
/// changes.
package final class PixelBudget: @unchecked Sendable {
  /// The default limit: an image of 8,000 x 8,000, or some thousands of small ones.
  static let defaultLimit = 64_000_000

  private let limit: Int
  private let condition = NSCondition()
  private var held = 0

  /// A budget of `limit` pixels.
  package init(limit: Int = defaultLimit) { self.limit = limit }

  /// Runs `body` once `pixels` more are within the limit, or when no others are held: an image that is
  /// larger than the limit is decoded alone.
  func withPixels<Result>(_ pixels: Int, _ body: () -> Result) -> Result {
    guard pixels > 0 else { return body() }
    condition.lock()
    while held > 0 && held + pixels > limit { condition.wait() }
    held += pixels
    condition.unlock()
    defer {
      condition.lock()
      held -= pixels
      condition.broadcast()
      condition.unlock()
    }
    return body()
  }
}

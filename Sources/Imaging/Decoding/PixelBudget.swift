import Foundation

/// Limits the number of decoded pixels in all workers, so that memory does not grow with their
/// number.
///
/// A class because the workers share it. It is safe to share: `condition` protects `held`, and the
/// rest is constant.
package final class PixelBudget: @unchecked Sendable {
  /// The default limit: one image of 8000 x 8000 pixels, or several thousand small ones.
  static let defaultLimit = 64_000_000

  private let limit: Int
  private let condition = NSCondition()
  private var held = 0

  /// Creates a budget of `limit` pixels.
  package init(limit: Int = defaultLimit) { self.limit = limit }

  /// Runs `body` when `pixels` more pixels fit within the limit, or when no others are held.
  ///
  /// An image larger than the limit is therefore decoded alone.
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

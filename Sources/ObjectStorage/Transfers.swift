import Foundation
import Synchronization

/// Sees to it that no thread uses libcurl while the process ends.
///
/// At the exit of a process OpenSSL removes what libcurl needs for signatures and connections; a
/// transfer that goes on, or begins, then reads memory that is gone.
public enum Transfers {
  private static let state = Mutex((active: 0, isEnded: false))

  /// The longest time that ``end()`` waits, in seconds: libcurl asks once a second at least whether a
  /// transfer is to stop.
  private static let patience = 5.0

  /// Calls `body`, which uses libcurl, unless the process ends; returns `nil` then.
  static func use<Result>(_ body: () -> Result) -> Result? {
    let mayBegin = state.withLock { state in
      if !state.isEnded { state.active += 1 }
      return !state.isEnded
    }
    guard mayBegin else { return nil }
    defer { state.withLock { $0.active -= 1 } }
    return body()
  }

  /// Lets no transfer begin and waits for those that go on; the flags of their clients are set before.
  ///
  /// Called once, before the process exits.
  public static func end() {
    state.withLock { $0.isEnded = true }
    let end = Date.now + patience
    while state.withLock({ $0.active > 0 }), Date.now < end { usleep(2_000) }
  }
}

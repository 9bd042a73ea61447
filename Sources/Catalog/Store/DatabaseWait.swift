import Foundation
import Synchronization

/// Determines how long a connection waits for a database lock that another program holds.
///
/// A reader gives up after a minute. A writer waits without limit, because a program that only
/// reads must not be able to abort an ingest. The type can be shared between threads: a mutex
/// protects its state.
final class DatabaseWait: Sendable {
  private struct State {
    var isWriter = false
    var mayWait = true
    var onWait: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// The pause between two attempts, in microseconds.
  private static let pause: UInt32 = 20_000
  /// Number of attempts, ten seconds, after which a writer reports that it waits.
  private static let attemptsBeforeNotice = 500
  /// Number of attempts, one minute, after which a reader gives up.
  private static let readerAttempts = 3_000

  /// Switches to the behaviour of a writer.
  func begin(onWait: (@Sendable () -> Void)?) {
    state.withLock { state in
      state.isWriter = true
      state.onWait = onWait
    }
  }

  /// Runs `body` without waiting: a held lock is an error immediately.
  func withoutWaiting(_ body: () -> Void) {
    state.withLock { $0.mayWait = false }
    body()
    state.withLock { $0.mayWait = true }
  }

  /// Waits for one pause; returns false to give up.
  func waits(attempt: Int) -> Bool {
    let state = state.withLock { $0 }
    guard state.mayWait, state.isWriter || attempt < Self.readerAttempts else { return false }
    if attempt == Self.attemptsBeforeNotice { state.onWait?() }
    usleep(Self.pause)
    return true
  }
}

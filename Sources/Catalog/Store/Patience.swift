import Foundation
import Synchronization

/// How long a connection waits for a lock that another program holds on the database.
///
/// A reader gives up after a minute. A writer waits as long as it takes: a program that only reads
/// must not be able to end an ingest. Safe to share: the state is behind a mutex.
final class Patience: Sendable {
  private struct State {
    var isWriter = false
    var mayWait = true
    var onWait: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// The pause between two attempts, in microseconds.
  private static let pause: UInt32 = 20_000
  /// After so many attempts, ten seconds, a writer says that it waits.
  private static let attemptsBeforeNotice = 500
  /// After so many attempts, a minute, a reader gives up.
  private static let readerAttempts = 3_000

  /// Makes this the patience of a writer.
  func begin(onWait: (@Sendable () -> Void)?) {
    state.withLock { state in
      state.isWriter = true
      state.onWait = onWait
    }
  }

  /// Runs `body`, in which a lock that is held is an error at once.
  func withoutWaiting(_ body: () -> Void) {
    state.withLock { $0.mayWait = false }
    body()
    state.withLock { $0.mayWait = true }
  }

  /// Waits a moment; returns false to give up.
  func waits(attempt: Int) -> Bool {
    let state = state.withLock { $0 }
    guard state.mayWait, state.isWriter || attempt < Self.readerAttempts else { return false }
    if attempt == Self.attemptsBeforeNotice { state.onWait?() }
    usleep(Self.pause)
    return true
  }
}

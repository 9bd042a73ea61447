import Foundation
import Synchronization

/// The effect of an interrupt (Ctrl-C) or a termination signal on the running command.
///
/// The first signal cancels work that can stop in an orderly way; other work ends immediately. In
/// both cases a message of one line is written.
enum Interruption {
  private struct State: Sendable {
    var cancel: (@Sendable () -> Void)?
    var signal: Int32?
    /// The time of the first signal.
    var first = DispatchTime.now()
  }

  /// The seconds in which further signals count as the first: `timeout` and some terminals send a
  /// signal to a process and to its group.
  private static let repeats = 1.0

  private static let state = Mutex(State())
  private static let sources = Sources()

  /// The dispatch sources of the two signals.
  ///
  /// They are safe to share: the array is immutable after `init`, and dispatch sources may be used
  /// from any thread.
  private final class Sources: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]

    init() {
      // A separate queue: the shared queues may have no free thread while the workers are busy.
      let queue = DispatchQueue(label: "signals", qos: .userInteractive)
      sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { arrived(number) }
        return source
      }
    }

    func activate() {
      for source in sources { source.activate() }
    }
  }

  /// Starts listening for signals.
  static func listen() { sources.activate() }

  /// The exit code of a command ended by a signal: 130 for an interrupt, 143 for a termination.
  static var exitCode: Int32 { 128 + (state.withLock { $0.signal } ?? SIGINT) }

  /// Sets the function that the first signal calls; `nil` ends the process immediately again.
  static func onSignal(_ cancel: (@Sendable () -> Void)?) {
    state.withLock { $0.cancel = cancel }
  }

  private static func arrived(_ number: Int32) {
    let now = DispatchTime.now()
    let (cancel, isRepeated) = state.withLock { state -> ((@Sendable () -> Void)?, Bool) in
      guard state.signal != nil else {
        (state.signal, state.first) = (number, now)
        return (state.cancel, false)
      }
      return (nil, now < state.first + repeats)
    }
    if let cancel { return cancel() }
    guard !isRepeated else { return }
    Console.write("Interrupted.\n", to: STDERR_FILENO)
    _exit(128 + number)
  }
}

import Foundation
import Synchronization

/// What an interrupt (Ctrl-C) or a termination signal does to the running command.
///
/// Work that can end in order is cancelled by the first signal; anything else ends at once. Either way
/// one line says so.
enum Interruption {
  private struct State: Sendable {
    var cancel: (@Sendable () -> Void)?
    var signal: Int32?
  }

  private static let state = Mutex(State())
  private static let sources = Sources()

  /// The sources of the two signals.
  ///
  /// Safe to share: the array is not changed after `init`, and dispatch sources may be used from any thread.
  private final class Sources: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]

    init() {
      // A queue of its own: the shared ones may wait for a thread as long as the workers are busy.
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

  /// Begins to listen.
  static func listen() { sources.activate() }

  /// The exit code of a command that a signal ended: 130 for an interrupt, 143 for a termination.
  static var exitCode: Int32 { 128 + (state.withLock { $0.signal } ?? SIGINT) }

  /// Makes the first signal call `cancel`; `nil` to end at once again.
  static func onSignal(_ cancel: (@Sendable () -> Void)?) {
    state.withLock { $0.cancel = cancel }
  }

  private static func arrived(_ number: Int32) {
    let cancel = state.withLock { state in
      let isFirst = state.signal == nil
      state.signal = number
      return isFirst ? state.cancel : nil
    }
    if let cancel { return cancel() }
    Console.write("Interrupted.\n", to: STDERR_FILENO)
    _exit(128 + number)
  }
}

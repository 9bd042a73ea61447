import Foundation
import Synchronization

/// Describes the current phase of a command without a progress bar after it has run for two
/// seconds.
public final class SlowNotice: Sendable {
  private struct State: Sendable {
    var phase = ""
    var isLate = false
    var isDone = false
  }

  private let state = Mutex(State())
  private let isEnabled: Bool

  /// Creates a notice that writes nothing for the first `delay` seconds.
  public init(isEnabled: Bool, delay: Double = 2) {
    self.isEnabled = isEnabled
    guard isEnabled else { return }
    DispatchQueue.global().asyncAfter(deadline: .now() + delay) { [weak self] in
      self?.state.withLock { state in
        state.isLate = true
        if !state.isDone && !state.phase.isEmpty { Console.note("\(state.phase) ...") }
      }
    }
  }

  /// Sets the current phase of the command, as "reading the store".
  public func phase(_ text: String) {
    guard isEnabled else { return }
    state.withLock { state in
      state.phase = text
      if state.isLate { Console.note("\(text) ...") }
    }
  }

  /// Marks the command as finished.
  public func finish() { state.withLock { $0.isDone = true } }
}

import Foundation
import Synchronization

/// Says what a command without a progress bar is doing, once it has taken longer than two seconds.
public final class SlowNotice: Sendable {
  private struct State: Sendable {
    var phase = ""
    var isLate = false
    var isDone = false
  }

  private let state = Mutex(State())
  private let isEnabled: Bool

  /// A notice that is silent for `delay` seconds.
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

  /// What the command does now, as "reading the store".
  public func phase(_ text: String) {
    guard isEnabled else { return }
    state.withLock { state in
      state.phase = text
      if state.isLate { Console.note("\(text) ...") }
    }
  }

  /// The command is done.
  public func finish() { state.withLock { $0.isDone = true } }
}

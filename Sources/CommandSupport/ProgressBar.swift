import Foundation
import Synchronization

/// Progress on standard error in the shape of tqdm: a bar that is drawn anew on a terminal, a line
/// every ten seconds elsewhere.
public final class ProgressBar: Sendable {
  private struct State {
    var drawn = -Double.infinity
    var isShown = false
    var done = 0
    var total = 0
    var postfix = ""
  }

  private let state = Mutex(State())
  private let title: String
  private let unit: String
  private let isEnabled: Bool
  private let isTerminal = Console.isTerminal
  private let start = ProgressBar.now()

  /// A bar called `title` that counts `unit`.
  public init(_ title: String, unit: String, isEnabled: Bool) {
    self.title = title
    self.unit = unit
    self.isEnabled = isEnabled
  }

  private static func now() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) * 1e-9
  }

  /// Says how far the work is; may be called from any thread and as often as one likes.
  public func update(_ done: Int, of total: Int, postfix: String = "") {
    guard isEnabled else { return }
    let now = Self.now()
    state.withLock { state in
      guard done >= state.done else { return }
      state.done = done
      state.total = total
      state.postfix = postfix
      let interval = isTerminal ? 0.1 : 10
      let isFirst = state.drawn == -.infinity
      if isFirst && !isTerminal { state.drawn = now }
      guard now - state.drawn >= interval else { return }
      state.drawn = now
      draw(&state, at: now)
    }
  }

  /// Draws the last state; on a terminal, leaves the bar and goes to the next line.
  public func finish() {
    guard isEnabled else { return }
    state.withLock { state in
      guard state.drawn != -.infinity, isTerminal || state.isShown else { return }
      draw(&state, at: Self.now())
      if isTerminal { Console.write("\n", to: STDERR_FILENO) }
    }
  }

  private func draw(_ state: inout State, at now: Double) {
    state.isShown = true
    let text = Self.text(
      title: title, unit: unit, done: state.done, total: state.total, seconds: now - start,
      postfix: state.postfix, columns: isTerminal ? Console.columns : 100)
    Console.write(isTerminal ? "\r\(text)\u{1B}[K" : "\(text)\n", to: STDERR_FILENO)
  }

  /// The line as tqdm would write it, no longer than `columns`.
  static func text(
    title: String, unit: String, done: Int, total: Int, seconds: Double, postfix: String,
    columns: Int
  ) -> String {
    let fraction = total > 0 ? Double(done) / Double(total) : 1
    let rate = seconds > 0 ? Double(done) / seconds : 0
    let left = rate > 0 ? clock(Double(total - done) / rate) : "?"
    let percent = Int(fraction * 100)
    let head =
      "\(title): \(String(repeating: " ", count: percent < 10 ? 2 : percent < 100 ? 1 : 0))"
      + "\(percent)%|"
    var tail = "| \(done)/\(total) [\(clock(seconds))<\(left), \(rounded(rate)) \(unit)/s"
    tail += (postfix.isEmpty ? "" : ", \(postfix)") + "]"
    let width = max(0, min(40, columns - 1 - head.count - tail.count))
    let eighths = Int(fraction * Double(width * 8))
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let bar = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    let text = head + bar + String(repeating: " ", count: max(0, width - bar.count)) + tail
    return String(text.prefix(columns - 1))
  }

  private static func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 359_999).rounded())
    let (minutes, rest) = ((whole / 60) % 60, whole % 60)
    let hours = whole / 3_600
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return (hours > 0 ? "\(hours):" : "") + "\(two(minutes)):\(two(rest))"
  }

  private static func rounded(_ rate: Double) -> String {
    rate >= 100 ? String(Int(rate.rounded())) : String(format: "%.1f", rate)
  }
}

import Foundation
import Synchronization

/// Shows progress on standard error in the format of tqdm.
///
/// On a terminal the bar is redrawn; otherwise a line is written every ten seconds.
public final class ProgressBar: Sendable {
  private struct State {
    var drawn = -Double.infinity
    var isShown = false
    var done = 0
    var total = 0
    var postfix = ""
    /// The items that were done when the first update came, before this bar: they took no time here.
    var earlier: Int?
  }

  private let state = Mutex(State())
  private let title: String
  private let unit: String
  private let isEnabled: Bool
  private let isTerminal = Console.isTerminal
  private let start = ProgressBar.now()

  /// Creates a bar with a title that counts items called `unit`.
  public init(_ title: String, unit: String, isEnabled: Bool) {
    self.title = title
    self.unit = unit
    self.isEnabled = isEnabled
  }

  private static func now() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) * 1e-9
  }

  /// Updates the progress; may be called from any thread and at any frequency.
  ///
  /// - Parameters:
  ///   - done: the number of items done.
  ///   - total: the number of all items.
  ///   - postfix: text after the rate.
  ///   - earlier: the number of items that were done before this program started.
  public func update(_ done: Int, of total: Int, postfix: String = "", earlier: Int = 0) {
    guard isEnabled else { return }
    let now = Self.now()
    state.withLock { state in
      if state.earlier == nil { state.earlier = earlier }
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

  /// Writes a line above the bar.
  public func note(_ text: String) {
    guard isEnabled else { return }
    state.withLock { state in
      Console.write((isTerminal ? "\r\u{1B}[K" : "") + "\(text.printable)\n", to: STDERR_FILENO)
      if isTerminal && state.drawn != -.infinity { draw(&state, at: Self.now()) }
    }
  }

  /// Draws the final state; on a terminal, moves to the next line.
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
      postfix: state.postfix, earlier: state.earlier ?? 0,
      columns: isTerminal ? Console.columns : 100)
    Console.write(isTerminal ? "\r\(text)\u{1B}[K" : "\(text)\n", to: STDERR_FILENO)
  }

  /// Returns the line in tqdm's format, at most `columns` wide.
  static func text(
    title: String, unit: String, done: Int, total: Int, seconds: Double, postfix: String,
    earlier: Int = 0, columns: Int
  ) -> String {
    let fraction = total > 0 ? Double(done) / Double(total) : 1
    let rate = seconds > 0 ? Double(done - earlier) / seconds : 0
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

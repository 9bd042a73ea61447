import Synchronization

/// Counts finished images across workers.
final class ProgressMeter: Sendable {
  private let done = Mutex(0)
  private let total: Int
  private let report: @Sendable (_ done: Int, _ total: Int) -> Void

  init(total: Int, report: @escaping @Sendable (_ done: Int, _ total: Int) -> Void) {
    self.total = total
    self.report = report
  }

  func advance() {
    let count = done.withLock { done in
      done += 1
      return done
    }
    report(count, total)
  }
}

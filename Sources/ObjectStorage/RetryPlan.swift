import Foundation

/// How often a request is tried, and how long to wait between.
///
/// The n-th wait is drawn from half to the whole of `first` 2^n seconds, at most `longest`.
///
/// Source: Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015 ("equal jitter").
public struct RetryPlan: Sendable {
  /// The number of attempts, 1 or more.
  public let attempts: Int
  /// The longest first wait, in seconds.
  public let first: Double
  /// The longest wait, in seconds.
  public let longest: Double

  /// Creates a plan.
  public init(attempts: Int = 8, first: Double = 0.25, longest: Double = 20) {
    self.attempts = attempts
    self.first = first
    self.longest = longest
  }

  /// The wait after an attempt, counted from 0, in seconds.
  func wait(after attempt: Int) -> Double {
    min(first * pow(2, Double(attempt)), longest) * .random(in: 0.5...1)
  }
}

import Foundation

/// Says that something did not happen in time.
public struct WaitedInVain: Error, CustomStringConvertible {
  /// What did not happen.
  public let description: String
}

/// Waits until a condition holds, for a limited time.
///
/// - Parameters:
///   - what: what is waited for, for the error.
///   - seconds: the longest time; defaults to three minutes, since machines are shared.
///   - condition: is asked a hundred times a second.
/// - Throws: ``WaitedInVain``, or what the condition throws.
public func wait(
  for what: String, seconds: Double = 180, until condition: () throws -> Bool
) throws {
  let end = Date(timeIntervalSinceNow: seconds)
  while try !condition() {
    guard Date() < end else { throw WaitedInVain(description: "\(what) did not happen") }
    usleep(10_000)
  }
}

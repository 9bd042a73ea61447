/// The result of one-shot trials: the fraction of trials in which the image of the probe's person
/// has the highest score.
public struct OneShotEvaluation: Sendable, Equatable {
  /// Number of images that a probe is compared with.
  public let ways: Int
  /// Number of trials.
  public let trials: Int
  /// The fraction of trials won, in 0...1; a tie of m images for the highest score counts as 1 / m.
  public let accuracy: Double
  /// The least and the greatest number of trials won, without and with those that were tied.
  public let won: ClosedRange<Int>
  /// The standard error sqrt(p (1 - p) / n).
  public var error: Double { (accuracy * (1 - accuracy) / Double(trials)).squareRoot() }
  /// The accuracy of random choice.
  public var chance: Double { 1 / Double(ways) }

  /// Evaluates consecutive trials of `ways` comparisons each; `nil` unless every trial is complete
  /// and has exactly one genuine comparison.
  public init?(_ comparisons: Comparisons, ways: Int) {
    guard ways >= 2, !comparisons.isEmpty, comparisons.count % ways == 0 else { return nil }
    var (shares, alone, tied) = (0.0, 0, 0)
    for start in stride(from: 0, to: comparisons.count, by: ways) {
      let trial = comparisons[start..<start + ways]
      guard trial.count(where: \.isGenuine) == 1, let top = trial.map(\.score).max() else {
        return nil
      }
      let best = trial.filter { $0.score == top }
      guard best.contains(where: \.isGenuine) else { continue }
      shares += 1 / Double(best.count)
      if best.count == 1 { alone += 1 } else { tied += 1 }
    }
    self.ways = ways
    trials = comparisons.count / ways
    accuracy = shares / Double(trials)
    won = alone...alone + tied
  }
}

/// The figure of trials of one-shot recognition: how often the image of the probe's person has the
/// highest score of its trial.
public struct OneShotEvaluation: Sendable, Equatable {
  /// How many images a probe is compared with.
  public let ways: Int
  /// How many trials there are.
  public let trials: Int
  /// The share of trials that are won, in 0...1; of a tie of m images at the top each has 1 / m.
  public let accuracy: Double
  /// The standard error sqrt(p (1 - p) / n).
  public var error: Double { (accuracy * (1 - accuracy) / Double(trials)).squareRoot() }
  /// What chance gives.
  public var chance: Double { 1 / Double(ways) }

  /// Evaluates trials that stand one after the other, `ways` comparisons each; `nil` unless every trial
  /// is whole and has exactly one genuine comparison.
  public init?(_ comparisons: [Comparison], ways: Int) {
    guard ways >= 2, !comparisons.isEmpty, comparisons.count % ways == 0 else { return nil }
    var won = 0.0
    for start in stride(from: 0, to: comparisons.count, by: ways) {
      let trial = comparisons[start..<start + ways]
      guard trial.count(where: \.isGenuine) == 1, let top = trial.map(\.score).max() else {
        return nil
      }
      let best = trial.filter { $0.score == top }
      if best.contains(where: \.isGenuine) { won += 1 / Double(best.count) }
    }
    self.ways = ways
    trials = comparisons.count / ways
    accuracy = won / Double(trials)
  }
}

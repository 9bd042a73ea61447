/// The choice of a decision threshold.
public enum Threshold {
  /// The threshold with the maximum number of correct decisions on `comparisons`.
  ///
  /// If several thresholds are equally good, it is the middle of their widest interval, so that it
  /// does not depend on a single score.
  ///
  /// - Precondition: There is at least one comparison.
  public static func best(for comparisons: Comparisons) -> Double {
    precondition(!comparisons.isEmpty, "a threshold needs comparisons to choose it on")
    let sorted = comparisons.sorted { $0.score > $1.score }
    // Accepting none is correct for every impostor; the first candidate is just above all scores.
    var correct = sorted.count { !$0.isGenuine }
    var bounds = [(upper: sorted[0].score.nextUp, lower: sorted[0].score.nextUp, correct: correct)]
    for (index, comparison) in sorted.enumerated() {
      correct += comparison.isGenuine ? 1 : -1
      let next = index + 1 < sorted.count ? sorted[index + 1].score : comparison.score
      if index + 1 < sorted.count && next == comparison.score { continue }
      bounds.append((upper: comparison.score, lower: next, correct: correct))
    }
    let most = bounds.map(\.correct).max() ?? 0
    var widest = (upper: bounds[0].upper, lower: bounds[0].upper, width: -1.0)
    var run: (upper: Double, lower: Double)?
    for bound in bounds {
      guard bound.correct == most else {
        run = nil
        continue
      }
      let current = (upper: run?.upper ?? bound.upper, lower: bound.lower)
      run = current
      if current.upper - current.lower > widest.width {
        widest = (current.upper, current.lower, current.upper - current.lower)
      }
    }
    let middle = widest.lower + (widest.upper - widest.lower) / 2
    // The lower end of an interval belongs to the next one.
    return middle > widest.lower ? middle : widest.upper
  }
}

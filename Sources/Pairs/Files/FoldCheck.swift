/// Checks that folds count from 1 without a gap, or that there are none.
struct FoldCheck {
  private var seen: Set<Int> = []
  private var first: (fold: Int, line: Int)?

  /// The reason why a row's fold contradicts the previous rows; `nil` if it does not.
  mutating func refusal(_ fold: Int, _ line: Int) -> String? {
    seen.insert(fold)
    guard let first else {
      self.first = (fold, line)
      return nil
    }
    guard (fold == 0) != (first.fold == 0) else { return nil }
    return
      "fold is \(fold), and on line \(first.line) it is \(first.fold): folds count from 1, and 0 "
      + "stands where there are none"
  }

  /// A message for a fold that has no pair although a later one has; `nil` if there is none.
  var gap: String? {
    guard let last = seen.max(), last > 0 else { return nil }
    let missing = (1...last).first { !seen.contains($0) }
    return missing.map { "fold \($0) has no pairs, and fold \(last) has: folds count from 1" }
  }
}

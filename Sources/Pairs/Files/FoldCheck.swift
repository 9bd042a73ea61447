/// Folds count from 1 without a gap, or there are none.
struct FoldCheck {
  private var seen: Set<Int> = []
  private var first: (fold: Int, line: Int)?

  /// Why a row's fold does not go with those before; `nil` if it does.
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

  /// A fold that has no pair though a later one has; `nil` if there is none.
  var gap: String? {
    guard let last = seen.max(), last > 0 else { return nil }
    let missing = (1...last).first { !seen.contains($0) }
    return missing.map { "fold \($0) has no pairs, and fold \(last) has: folds count from 1" }
  }
}

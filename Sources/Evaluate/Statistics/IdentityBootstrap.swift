import Randomness

/// Confidence intervals by resampling identities.
///
/// Comparisons that share a person depend on each other, so that intervals from independent
/// comparisons are too narrow. Each replicate draws as many identities as there are, with
/// replacement; a comparison counts as often as both of its identities were drawn, in product.
///
/// Source: Bolle, Ratha and Pankanti, Error analysis of pattern recognition systems: the subsets
/// bootstrap, Computer Vision and Image Understanding 93, 2004.
public struct IdentityBootstrap: Sendable, Equatable {
  /// Number of replicates in which there were genuine and impostor comparisons.
  public let replicates: Int
  /// The interval of the fraction of correct decisions, with the thresholds as they are.
  public let accuracy: ClosedRange<Double>
  /// The interval of the equal error rate.
  public let eer: ClosedRange<Double>
  /// The interval of the area under the ROC.
  public let auc: ClosedRange<Double>

  /// The greatest number of comparisons times replicates; beyond it there are fewer replicates.
  private static let maxWork = 400_000_000
  /// The fewest replicates from which an interval is given.
  private static let fewest = 200

  /// Computes the intervals; `nil` if there are too many comparisons for 200 replicates, or too few
  /// identities.
  ///
  /// - Parameters:
  ///   - comparisons: the comparisons.
  ///   - identities: the two identities of each comparison, as numbers from 0.
  ///   - isCorrect: whether each comparison was decided correctly.
  ///   - isMeanOverFolds: whether the accuracy is the mean over the folds, so that every fold counts
  ///     alike, however many comparisons it has.
  ///   - replicates: the number of replicates.
  ///   - confidence: the confidence, in 0..<1.
  ///   - seed: the seed of the draws.
  public init?(
    _ comparisons: Comparisons, identities: [(Int, Int)], isCorrect: [Bool],
    isMeanOverFolds: Bool = false, replicates: Int = 1_000, confidence: Double = 0.95, seed: Int = 0
  ) {
    let count = (identities.lazy.map { max($0.0, $0.1) }.max() ?? -1) + 1
    let affordable = min(replicates, Self.maxWork / max(1, comparisons.count))
    guard count >= 10, affordable >= min(Self.fewest, replicates) else { return nil }
    let order = comparisons.indices.sorted { comparisons.scores[$0] > comparisons.scores[$1] }
    let folds = isMeanOverFolds ? comparisons.foldNumbers : []
    let places = Dictionary(uniqueKeysWithValues: folds.enumerated().map { ($1, $0) })
    let sorted = order.map { place in
      Weighted(
        score: comparisons.scores[place], isGenuine: comparisons.genuine[place],
        isCorrect: isCorrect[place], fold: places[comparisons[place].fold] ?? 0,
        identities: identities[place])
    }
    var figures: [(accuracy: Double, eer: Double, auc: Double)] = []
    for replicate in 0..<affordable {
      var random = RandomStream(seed: seed, "bootstrap", replicate)
      var drawn = [Int](repeating: 0, count: count)
      for _ in 0..<count { drawn[random.index(below: count)] += 1 }
      if let one = Self.figures(sorted, drawn, folds: max(folds.count, 1)) { figures.append(one) }
    }
    guard figures.count >= affordable / 2 else { return nil }
    self.replicates = figures.count
    accuracy = Self.interval(figures.map(\.accuracy), confidence)
    eer = Self.interval(figures.map(\.eer), confidence)
    auc = Self.interval(figures.map(\.auc), confidence)
  }

  private struct Weighted {
    let score: Double
    let isGenuine: Bool
    let isCorrect: Bool
    /// The place of its fold; 0 if all comparisons are one.
    let fold: Int
    let identities: (Int, Int)

    /// How often the comparison counts: a genuine one has one identity.
    func weight(_ drawn: [Int]) -> Int {
      identities.0 == identities.1
        ? drawn[identities.0] : drawn[identities.0] * drawn[identities.1]
    }
  }

  /// The figures of one replicate; `nil` unless both kinds were drawn.
  private static func figures(
    _ sorted: [Weighted], _ drawn: [Int], folds: Int
  ) -> (accuracy: Double, eer: Double, auc: Double)? {
    var (genuine, impostor) = (0, 0)
    var decided = [Int](repeating: 0, count: folds)
    var correct = decided
    for one in sorted {
      let weight = one.weight(drawn)
      if one.isGenuine { genuine += weight } else { impostor += weight }
      decided[one.fold] += weight
      if one.isCorrect { correct[one.fold] += weight }
    }
    guard genuine > 0, impostor > 0 else { return nil }
    var (accepted, wrong, area) = (0, 0, 0.0)
    var before = (far: 0.0, frr: 1.0)
    var eer: Double?
    var place = 0
    while place < sorted.count {
      let score = sorted[place].score
      var (newAccepted, newWrong) = (0, 0)
      while place < sorted.count, sorted[place].score == score {
        let weight = sorted[place].weight(drawn)
        if sorted[place].isGenuine { newAccepted += weight } else { newWrong += weight }
        place += 1
      }
      area += Double(newWrong) * (Double(accepted) + Double(newAccepted) / 2)
      accepted += newAccepted
      wrong += newWrong
      let here = (
        far: Double(wrong) / Double(impostor), frr: 1 - Double(accepted) / Double(genuine)
      )
      if eer == nil, here.far >= here.frr {
        let (first, second) = (before.far - before.frr, here.far - here.frr)
        eer = before.frr + first / (first - second) * (here.frr - before.frr)
      }
      before = here
    }
    let accuracies = zip(correct, decided).filter { $1 > 0 }.map { Double($0) / Double($1) }
    return (
      accuracies.reduce(0, +) / Double(accuracies.count), eer ?? before.frr,
      area / Double(genuine) / Double(impostor)
    )
  }

  /// The percentile interval of values.
  private static func interval(_ values: [Double], _ confidence: Double) -> ClosedRange<Double> {
    let sorted = values.sorted()
    func quantile(_ probability: Double) -> Double {
      let place = probability * Double(sorted.count - 1)
      let (low, high) = (Int(place.rounded(.down)), Int(place.rounded(.up)))
      return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
    let tail = (1 - confidence) / 2
    return quantile(tail)...quantile(1 - tail)
  }
}

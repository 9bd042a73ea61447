/// The results of a verification test.
public struct Evaluation: Sendable, Equatable {
  /// The source of the threshold that the accuracy uses.
  public enum ThresholdSource: Sendable, Equatable {
    /// For each fold, from the other folds.
    case otherFolds
    /// Comparisons that are not tested, described by `name`.
    case tuned(on: String)
    /// The user.
    case given
    /// The tested comparisons themselves; the accuracy is then optimistic.
    case sameComparisons
  }

  /// The fraction of correct decisions, in 0...1; the mean over folds if there are folds.
  public let accuracy: Double
  /// The sample standard deviation of the folds' accuracies; `nil` if there are no folds.
  public let accuracyStd: Double?
  /// The standard error: std / sqrt(folds) with folds, otherwise sqrt(p (1 - p) / n).
  public let accuracyError: Double
  /// Number of folds; 0 if there are none.
  public let folds: Int
  /// The threshold of the accuracy; the mean over folds if there are folds.
  public let threshold: Double
  /// The source of the threshold.
  public let thresholdSource: ThresholdSource
  /// FAR and FRR over all comparisons.
  public let roc: ROC

  /// The decisions at the threshold; each fold uses its own.
  public let decisions: Decisions

  /// The operating points at the false acceptance rates 1 in 100 and 1 in 1,000; `nil` if there are
  /// too few impostor comparisons to measure them.
  public var pointsAtFAR: [(far: Double, point: ROC.Point?)] {
    [0.01, 0.001].map { ($0, roc.point(atFAR: $0)) }
  }

  /// A fold with only genuine or only impostor comparisons, on which no threshold can be tested.
  public struct OneSidedFold: Sendable, Equatable {
    /// The fold.
    public let fold: Int
    /// Number of genuine comparisons.
    public let genuine: Int
    /// Number of impostor comparisons.
    public let impostor: Int
  }

  /// The first fold that has comparisons of only one kind; `nil` if every fold has both.
  public static func oneSidedFold(in comparisons: [Comparison]) -> OneSidedFold? {
    let folds = Dictionary(grouping: comparisons, by: \.fold)
    guard folds.count > 1 else { return nil }
    return folds.sorted { $0.key < $1.key }.lazy.map { fold, comparisons in
      let genuine = comparisons.count { $0.isGenuine }
      return OneSidedFold(fold: fold, genuine: genuine, impostor: comparisons.count - genuine)
    }.first { $0.genuine == 0 || $0.impostor == 0 }
  }

  /// Returns true if both have the same results.
  public static func == (left: Evaluation, right: Evaluation) -> Bool {
    left.accuracy == right.accuracy && left.threshold == right.threshold && left.roc == right.roc
  }

  /// Evaluates comparisons; `nil` unless there are both genuine and impostor ones.
  ///
  /// With two or more folds, the threshold of each fold is chosen on the other folds.
  ///
  /// - Parameters:
  ///   - comparisons: the tested comparisons.
  ///   - tuning: if there are no folds, other comparisons for choosing the threshold, and their
  ///     name.
  ///   - given: a fixed threshold.
  public init?(
    _ comparisons: [Comparison], tuning: (comparisons: [Comparison], name: String)? = nil,
    threshold given: Double? = nil
  ) {
    guard let roc = ROC(comparisons) else { return nil }
    self.roc = roc
    if given == nil, let folded = Self.evaluateFolds(comparisons) {
      decisions = folded.decisions
      let spread = Self.spread(folded.accuracies)
      accuracy = spread.mean
      accuracyStd = spread.std
      folds = folded.accuracies.count
      accuracyError = spread.std / Double(folds).squareRoot()
      threshold = folded.thresholds.reduce(0, +) / Double(folds)
      thresholdSource = .otherFolds
      return
    }
    if let given {
      threshold = given
      thresholdSource = .given
    } else if let tuning, !tuning.comparisons.isEmpty {
      threshold = Threshold.best(for: tuning.comparisons)
      thresholdSource = .tuned(on: tuning.name)
    } else {
      threshold = Threshold.best(for: comparisons)
      thresholdSource = .sameComparisons
    }
    decisions = Decisions(comparisons, at: threshold)
    accuracy = decisions.accuracy
    accuracyStd = nil
    accuracyError = (accuracy * (1 - accuracy) / Double(comparisons.count)).squareRoot()
    folds = 0
  }

  /// Decides each fold at the threshold of the other folds; `nil` with less than two folds.
  private static func evaluateFolds(
    _ comparisons: [Comparison]
  ) -> (decisions: Decisions, thresholds: [Double], accuracies: [Double])? {
    let folds = Dictionary(grouping: comparisons, by: \.fold)
    guard folds.count > 1 else { return nil }
    var decisions = Decisions()
    var (thresholds, accuracies): ([Double], [Double]) = ([], [])
    for (fold, tested) in folds.sorted(by: { $0.key < $1.key }) {
      let threshold = Threshold.best(for: comparisons.filter { $0.fold != fold })
      let made = Decisions(tested, at: threshold)
      decisions += made
      thresholds.append(threshold)
      accuracies.append(made.accuracy)
    }
    return (decisions, thresholds, accuracies)
  }

  private static func spread(_ values: [Double]) -> (mean: Double, std: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(values.count - 1)).squareRoot())
  }
}

/// The figures of a verification test.
public struct Evaluation: Sendable, Equatable {
  /// Where the accuracy's threshold comes from.
  public enum ThresholdSource: Sendable, Equatable {
    /// For each fold, from the other folds.
    case otherFolds
    /// From comparisons that are not tested, `name` says which.
    case tuned(on: String)
    /// Given by the user.
    case given
    /// From the tested comparisons themselves: the accuracy is then too good.
    case sameComparisons
  }

  /// The share of right decisions, in 0...1; the mean over folds where there are any.
  public let accuracy: Double
  /// The sample standard deviation of the folds' accuracies; `nil` without folds.
  public let accuracyStd: Double?
  /// The standard error: over folds std / sqrt(folds), else sqrt(p (1 - p) / n).
  public let accuracyError: Double
  /// The number of folds; 0 without.
  public let folds: Int
  /// The threshold of the accuracy; the mean over folds where there are any.
  public let threshold: Double
  /// Where the threshold comes from.
  public let thresholdSource: ThresholdSource
  /// FAR and FRR over all comparisons.
  public let roc: ROC

  /// The decisions at the threshold, each fold's at its own.
  public let decisions: Decisions

  /// The operating points at the false acceptance rates 1 in 100 and 1 in 1,000; `nil` where there are
  /// too few impostor comparisons to measure them.
  public var pointsAtFAR: [(far: Double, point: ROC.Point?)] {
    [0.01, 0.001].map { ($0, roc.point(atFAR: $0)) }
  }

  /// A fold whose comparisons are all genuine or all impostor ones: no threshold can be tested on it.
  public struct OneSidedFold: Sendable, Equatable {
    /// The fold.
    public let fold: Int
    /// How many genuine comparisons it has.
    public let genuine: Int
    /// How many impostor comparisons it has.
    public let impostor: Int
  }

  /// The first fold that has comparisons of one kind only; `nil` when every fold has both.
  public static func oneSidedFold(in comparisons: [Comparison]) -> OneSidedFold? {
    let folds = Dictionary(grouping: comparisons, by: \.fold)
    guard folds.count > 1 else { return nil }
    return folds.sorted { $0.key < $1.key }.lazy.map { fold, comparisons in
      let genuine = comparisons.count { $0.isGenuine }
      return OneSidedFold(fold: fold, genuine: genuine, impostor: comparisons.count - genuine)
    }.first { $0.genuine == 0 || $0.impostor == 0 }
  }

  /// Whether both have the same figures.
  public static func == (left: Evaluation, right: Evaluation) -> Bool {
    left.accuracy == right.accuracy && left.threshold == right.threshold && left.roc == right.roc
  }

  /// Evaluates comparisons; `nil` unless there are genuine and impostor ones.
  ///
  /// With two folds or more each fold's threshold comes from the others.
  ///
  /// - Parameters:
  ///   - comparisons: the tested comparisons.
  ///   - tuning: where there are no folds, other comparisons to choose the threshold on, and what
  ///     they are.
  ///   - given: a threshold to take as it is.
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

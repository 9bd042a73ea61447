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

    /// Whether the threshold was chosen on comparisons that are not tested at it.
    public var isTuned: Bool {
      switch self {
      case .otherFolds, .tuned: true
      case .given, .sameComparisons: false
      }
    }
  }

  /// The fraction of correct decisions, in 0...1; the mean over folds if there are folds.
  public let accuracy: Double
  /// The sample standard deviation of the folds' accuracies; `nil` if there are no folds.
  public var accuracyStd: Double? { crossValidation?.accuracy.deviation }
  /// The standard error: std / sqrt(folds) with folds, otherwise sqrt(p (1 - p) / n).
  public let accuracyError: Double
  /// Number of folds; 0 if there are none.
  public var folds: Int { crossValidation?.folds.count ?? 0 }
  /// The figures of each fold; `nil` if there are no folds.
  public let crossValidation: CrossValidation?
  /// The threshold of the accuracy; the mean over folds if there are folds.
  public let threshold: Double
  /// The source of the threshold.
  public let thresholdSource: ThresholdSource
  /// FAR and FRR over all comparisons.
  ///
  /// With folds it is valid only if one network scored all of them.
  public let roc: ROC
  /// The decisions at the threshold; each fold uses its own.
  public let decisions: Decisions
  /// Whether each comparison was decided correctly, in their order.
  public let isCorrect: [Bool]

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

    /// Creates a fold with these numbers of comparisons.
    public init(fold: Int, genuine: Int, impostor: Int) {
      self.fold = fold
      self.genuine = genuine
      self.impostor = impostor
    }
  }

  /// The first fold that has comparisons of only one kind; `nil` if every fold has both.
  public static func oneSidedFold(in comparisons: Comparisons) -> OneSidedFold? {
    var counts: [Int: (genuine: Int, impostor: Int)] = [:]
    for comparison in comparisons {
      if comparison.isGenuine {
        counts[comparison.fold, default: (0, 0)].genuine += 1
      } else {
        counts[comparison.fold, default: (0, 0)].impostor += 1
      }
    }
    guard counts.count > 1 else { return nil }
    return counts.sorted { $0.key < $1.key }.lazy.map {
      OneSidedFold(fold: $0, genuine: $1.genuine, impostor: $1.impostor)
    }.first { $0.genuine == 0 || $0.impostor == 0 }
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
    _ comparisons: Comparisons, tuning: (comparisons: Comparisons, name: String)? = nil,
    threshold given: Double? = nil
  ) {
    guard let roc = ROC(comparisons) else { return nil }
    self.roc = roc
    if given == nil, let validation = Self.crossValidation(comparisons) {
      crossValidation = validation
      let thresholds = Dictionary(
        uniqueKeysWithValues: validation.folds.map { ($0.fold, $0.threshold) })
      isCorrect = comparisons.map {
        ($0.score >= thresholds[$0.fold] ?? .infinity) == $0.isGenuine
      }
      decisions = Self.decisions(comparisons, isCorrect)
      accuracy = validation.accuracy.mean
      accuracyError = validation.accuracy.error ?? 0
      threshold = Spread(validation.folds.map(\.threshold)).mean
      thresholdSource = .otherFolds
      return
    }
    crossValidation = nil
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
    let threshold = threshold
    isCorrect = comparisons.map { ($0.score >= threshold) == $0.isGenuine }
    decisions = roc.decisions(at: threshold)
    accuracy = decisions.accuracy
    accuracyError = (accuracy * (1 - accuracy) / Double(comparisons.count)).squareRoot()
  }

  /// Tests each fold at the threshold of the other folds; `nil` with less than two folds, or if one
  /// has comparisons of only one kind.
  private static func crossValidation(_ comparisons: Comparisons) -> CrossValidation? {
    let numbers = comparisons.foldNumbers
    guard numbers.count > 1 else { return nil }
    let folds = numbers.compactMap { number in
      CrossValidation.Fold(
        fold: number, comparisons.selected { comparisons[$0].fold == number },
        tuning: comparisons.selected { comparisons[$0].fold != number })
    }
    return folds.count == numbers.count ? CrossValidation(folds) : nil
  }

  private static func decisions(_ comparisons: Comparisons, _ isCorrect: [Bool]) -> Decisions {
    var counts: [[Int]] = [[0, 0], [0, 0]]
    for (isGenuine, isCorrect) in zip(comparisons.genuine, isCorrect) {
      counts[isGenuine ? 1 : 0][isCorrect ? 1 : 0] += 1
    }
    return Decisions(
      trueAccepts: counts[1][1], falseRejects: counts[1][0], falseAccepts: counts[0][0],
      trueRejects: counts[0][1])
  }
}

import CommandSupport
import Evaluate

/// The summary of `train evaluate` and `train metrics`.
struct EvaluationReport: Encodable {
  /// The genuine acceptance rate at a false acceptance rate, with the underlying counts.
  struct Rate: Encodable {
    let far: Double
    /// `nil` if there are too few impostor pairs to measure it.
    @OrNull var tar: Double?
    /// The Clopper-Pearson interval of `tar`, of independent pairs.
    @OrNull var tarInterval: [Double]?
    /// The reached false acceptance rate, at most `far`.
    @OrNull var reachedFar: Double?
    @OrNull var threshold: Double?
    @OrNull var falseAccepts: Int?
    @OrNull var trueAccepts: Int?
    /// The reason why there is no rate.
    @OrNull var reason: String?

    init(far: Double, _ point: ROC.Point?, genuine: Int, impostor: Int) {
      self.far = far
      tar = point.map { Figures.rounded($0.gar) }
      tarInterval = point.flatMap { Proportion($0.trueAccepts, of: genuine) }.map {
        EvaluationReport.ends($0.interval())
      }
      reachedFar = point.map { Figures.rounded($0.far) }
      // A threshold above all scores is infinite, which JSON cannot express.
      threshold = point.flatMap { $0.threshold.isFinite ? $0.threshold : nil }
      falseAccepts = point?.falseAccepts
      trueAccepts = point?.trueAccepts
      reason =
        point == nil
        ? "\(impostor) impostor \(impostor == 1 ? "pair" : "pairs") cannot measure a rate below "
          + "1/\(impostor)" : nil
    }
  }

  /// The figures of one fold.
  struct Fold: Encodable {
    let fold: Int
    let accuracy: Double
    let threshold: Double
    let eer: Double
    let auc: Double
    let genuine: Int
    let impostor: Int

    init(_ fold: CrossValidation.Fold) {
      self.fold = fold.fold
      accuracy = Figures.rounded(fold.accuracy)
      threshold = fold.threshold
      eer = Figures.rounded(fold.eer)
      auc = Figures.rounded(fold.auc)
      (genuine, impostor) = (fold.genuine, fold.impostor)
    }
  }

  let accuracy: Double
  @OrNull var accuracyStd: Double?
  let accuracySe: Double
  /// 95 % intervals of a bootstrap over identities; `nil` where the identities are not known.
  @OrNull var accuracyInterval: [Double]?
  let folds: Int
  let foldFigures: [Fold]
  /// The accuracy of always answering "different".
  let accuracyOfDifferent: Double
  @OrNull var balancedAccuracy: Double?
  @OrNull var precision: Double?
  @OrNull var recall: Double?
  @OrNull var f1: Double?
  @OrNull var far: Double?
  @OrNull var frr: Double?
  @OrNull var gar: Double?
  @OrNull var grr: Double?
  /// Over all pairs; `nil` if different networks scored them.
  @OrNull var eer: Double?
  @OrNull var eerBounds: [Double]?
  @OrNull var eerInterval: [Double]?
  @OrNull var eerThreshold: Double?
  @OrNull var auc: Double?
  @OrNull var aucInterval: [Double]?
  @OrNull var dPrime: Double?
  /// The means over folds; `nil` without folds.
  @OrNull var eerOverFolds: Double?
  @OrNull var eerOverFoldsStd: Double?
  @OrNull var aucOverFolds: Double?
  @OrNull var aucOverFoldsStd: Double?
  /// The mean loss of the tested pairs; `nil` for embeddings, for losses without pairs, and
  /// with a learned score.
  @OrNull var loss: Double?
  let threshold: Double
  let thresholdFrom: String
  let tarAtFar: [Rate]
  let genuine: Int
  let impostor: Int
  /// Whether the tested people were trained on, in other images.
  var closedSet = false
  /// Whether it is known whom the network was trained on, and if so whether it was on tested people
  /// or images.
  @OrNull var contaminated: Bool?
  /// SHA-256 of the weights of the run or, with a learned score, of both; `nil` for embeddings.
  @OrNull var weights: String?
  /// The score of two embeddings; `nil` for scores of a file.
  @OrNull var score: String?
  /// The page; `nil` without one.
  @OrNull var report: String?
  /// The figures of parts of the pairs.
  var slices: [Slice] = []
  /// The same figures without the pairs whose label is known to be wrong.
  @OrNull var withoutErrata: Slice?

  /// The figures of a part of the pairs, at the same thresholds.
  struct Slice: Encodable {
    let name: String
    let genuine: Int
    let impostor: Int
    let accuracy: Double
    @OrNull var balancedAccuracy: Double?
    @OrNull var far: Double?
    @OrNull var frr: Double?
    @OrNull var eer: Double?
    @OrNull var auc: Double?
  }

  /// Collects the figures of an evaluation.
  ///
  /// - Parameters:
  ///   - evaluation: the evaluation.
  ///   - bootstrap: the intervals; `nil` if the identities are not known.
  ///   - isOneNetwork: whether one network scored all pairs, so that they may be pooled.
  init(_ evaluation: Evaluation, bootstrap: IdentityBootstrap? = nil, isOneNetwork: Bool = true) {
    let decisions = evaluation.decisions
    accuracyOfDifferent = Figures.rounded(decisions.accuracyOfDifferent)
    accuracy = Figures.rounded(evaluation.accuracy)
    accuracySe = Figures.rounded(evaluation.accuracyError)
    folds = evaluation.folds
    foldFigures = (evaluation.crossValidation?.folds ?? []).map(Fold.init)
    threshold = evaluation.threshold
    thresholdFrom = Self.words(evaluation.thresholdSource)
    let roc = evaluation.roc
    tarAtFar =
      isOneNetwork
      ? evaluation.pointsAtFAR.map {
        Rate(far: $0.far, $0.point, genuine: roc.genuine, impostor: roc.impostor)
      } : []
    genuine = roc.genuine
    impostor = roc.impostor
    accuracyStd = evaluation.accuracyStd.map(Figures.rounded)
    accuracyInterval = (bootstrap?.accuracy).map(Self.ends)
    (far, frr) = (decisions.far.map(Figures.rounded), decisions.frr.map(Figures.rounded))
    (gar, grr) = (decisions.gar.map(Figures.rounded), decisions.grr.map(Figures.rounded))
    balancedAccuracy = decisions.balancedAccuracy.map(Figures.rounded)
    (precision, recall) = (
      decisions.precision.map(Figures.rounded), decisions.recall.map(Figures.rounded)
    )
    f1 = decisions.f1.map(Figures.rounded)
    if isOneNetwork { addPooled(roc, bootstrap) }
    addMeans(evaluation.crossValidation)
  }

  private mutating func addPooled(_ roc: ROC, _ bootstrap: IdentityBootstrap?) {
    let error = roc.equalError
    eer = Figures.rounded(error.rate)
    eerBounds = Self.ends(error.interval)
    eerInterval = (bootstrap?.eer).map(Self.ends)
    eerThreshold = error.threshold
    auc = Figures.rounded(roc.auc)
    aucInterval = (bootstrap?.auc).map(Self.ends)
    dPrime = SensitivityIndex.of(roc).map(Figures.rounded)
  }

  private mutating func addMeans(_ validation: CrossValidation?) {
    guard let validation else { return }
    eerOverFolds = Figures.rounded(validation.eer.mean)
    eerOverFoldsStd = validation.eer.deviation.map(Figures.rounded)
    aucOverFolds = Figures.rounded(validation.auc.mean)
    aucOverFoldsStd = validation.auc.deviation.map(Figures.rounded)
  }

  static func ends(_ interval: ClosedRange<Double>) -> [Double] {
    [Figures.rounded(interval.lowerBound), Figures.rounded(interval.upperBound)]
  }

  private static func words(_ source: Evaluation.ThresholdSource) -> String {
    switch source {
    case .otherFolds: "the other folds"
    case .tuned(let name): name
    case .given: "given"
    case .sameComparisons: "the tested pairs: the accuracy is too high"
    }
  }
}

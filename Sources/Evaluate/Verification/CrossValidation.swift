/// The results of the folds of a protocol, each tested at a threshold chosen outside it.
public struct CrossValidation: Sendable, Equatable {
  /// The figures of one fold.
  public struct Fold: Sendable, Equatable, Codable {
    /// The fold, from 1.
    public let fold: Int
    /// The fraction of correct decisions at ``threshold``.
    public let accuracy: Double
    /// The threshold, chosen on pairs outside the fold.
    public let threshold: Double
    /// The equal error rate of the fold's pairs.
    public let eer: Double
    /// The area under the ROC of the fold's pairs.
    public let auc: Double
    /// Number of genuine pairs.
    public let genuine: Int
    /// Number of impostor pairs.
    public let impostor: Int
    /// Number of the fold's images that were trained on under another name: official lists have some.
    public let sharedImages: Int

    /// Evaluates the pairs of a fold; `nil` unless there are genuine and impostor ones.
    ///
    /// - Parameters:
    ///   - fold: the fold, from 1.
    ///   - comparisons: its pairs.
    ///   - tuning: pairs outside the fold, scored by the same network, to choose the threshold on.
    ///   - sharedImages: the number of the fold's images that were trained on under another name.
    public init?(
      fold: Int, _ comparisons: Comparisons, tuning: Comparisons, sharedImages: Int = 0
    ) {
      guard !tuning.isEmpty else { return nil }
      self.init(
        fold: fold, comparisons, threshold: Threshold.best(for: tuning), sharedImages: sharedImages)
    }

    /// Evaluates the pairs of a fold at a threshold.
    init?(fold: Int, _ comparisons: Comparisons, threshold: Double, sharedImages: Int = 0) {
      guard let roc = ROC(comparisons) else { return nil }
      self.fold = fold
      self.threshold = threshold
      accuracy = roc.decisions(at: threshold).accuracy
      eer = roc.equalError.rate
      auc = roc.auc
      (genuine, impostor) = (roc.genuine, roc.impostor)
      self.sharedImages = sharedImages
    }
  }

  /// The folds, in order.
  public let folds: [Fold]

  /// Creates the results of one or more folds.
  public init(_ folds: [Fold]) {
    precondition(!folds.isEmpty, "a mean needs a fold")
    self.folds = folds.sorted { $0.fold < $1.fold }
  }

  /// The accuracy.
  public var accuracy: Spread { Spread(folds.map(\.accuracy)) }
  /// The equal error rate.
  public var eer: Spread { Spread(folds.map(\.eer)) }
  /// The area under the ROC.
  public var auc: Spread { Spread(folds.map(\.auc)) }
}

/// The outcome of comparing two samples.
public struct Comparison: Sendable, Equatable {
  /// The similarity of the two samples; larger means more similar.
  public let score: Double
  /// Whether both show the same identity.
  public let isGenuine: Bool
  /// The fold, from 1; 0 if there are no folds.
  public let fold: Int

  /// Creates a comparison; `score` must be finite.
  public init(score: Double, isGenuine: Bool, fold: Int = 0) {
    precondition(score.isFinite, "a score is a finite number")
    self.score = score
    self.isGenuine = isGenuine
    self.fold = fold
  }
}

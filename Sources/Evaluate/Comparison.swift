/// The outcome of comparing two samples.
public struct Comparison: Sendable, Equatable {
  /// How alike the two are; larger is more alike.
  public let score: Double
  /// Whether both show the same identity.
  public let isGenuine: Bool
  /// The fold, from 1; 0 where there are no folds.
  public let fold: Int

  /// A comparison; `score` is finite.
  public init(score: Double, isGenuine: Bool, fold: Int = 0) {
    precondition(score.isFinite, "a score is a finite number")
    self.score = score
    self.isGenuine = isGenuine
    self.fold = fold
  }
}

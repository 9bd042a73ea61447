import Configuration

/// The evaluation of a training on the validation side of its protocol, as described in a recipe.
///
/// Its pairs and trials are the same each time.
public struct EvaluationPlan: Codable, Sendable, Equatable {
  /// The figure by which one evaluation is better than another.
  public enum Criterion: String, NamedChoice, Sendable {
    /// The equal error rate; the smallest is best.
    case eer
    /// The largest fraction of correct decisions at any threshold; the largest is best.
    case accuracy
    /// The area under the ROC; the largest is best.
    case auc
    /// The fraction of correct one-shot trials; the largest is best.
    case oneShot = "one-shot"
    /// The loss of the validation pairs; the smallest is best.
    case loss
  }

  /// Number of steps between two evaluations; defaults to an epoch.
  public let everySteps: Int?
  /// The maximum number of validation pairs; defaults to 1,000.
  public let pairs: Int?
  /// Number of identities of a one-shot trial; defaults to no trials.
  public let ways: Int?
  /// Number of one-shot trials; defaults to 500.
  public let trials: Int?
  /// The figure that chooses the best checkpoint; defaults to the equal error rate.
  public let best: Criterion?
  /// Number of evaluations without a better one after which training stops; defaults to never.
  public let patience: Int?

  /// The default plan: every epoch, without early stopping.
  public static let `default` = EvaluationPlan(
    everySteps: nil, pairs: nil, ways: nil, trials: nil, best: nil, patience: nil)

  init(
    everySteps: Int?, pairs: Int?, ways: Int?, trials: Int?, best: Criterion?, patience: Int?
  ) {
    self.everySteps = everySteps
    self.pairs = pairs
    self.ways = ways
    self.trials = trials
    self.best = best
    self.patience = patience
  }

  private enum CodingKeys: String, CodingKey {
    case everySteps = "every-steps"
    case pairs, ways, trials, best, patience
  }

  /// A message about an invalid number; `nil` if all are valid.
  var fault: String? {
    if everySteps ?? 1 < 1 { return "evaluation.every-steps must be 1 or more" }
    if pairs ?? 2 < 2 { return "evaluation.pairs must be 2 or more" }
    if ways ?? 2 < 2 { return "evaluation.ways must be 2 or more" }
    if trials ?? 1 < 1 { return "evaluation.trials must be 1 or more" }
    if patience ?? 1 < 1 { return "evaluation.patience must be 1 or more" }
    if best == .oneShot, ways == nil { return "evaluation.best: one-shot needs evaluation.ways" }
    return nil
  }
}

/// The intervals of checkpoints, as described in a recipe; one is always written after an epoch.
public struct CheckpointPlan: Codable, Sendable, Equatable {
  /// Number of steps between two checkpoints; defaults to an epoch.
  public let every: Int?
  /// Number of minutes between two checkpoints; defaults to 10.
  public let minutes: Double?

  /// The default of ``minutes``.
  static let defaultMinutes = 10.0

  /// The default plan.
  public static let `default` = CheckpointPlan(every: nil, minutes: nil)

  init(every: Int?, minutes: Double?) {
    self.every = every
    self.minutes = minutes
  }

  /// A message about an invalid number; `nil` if all are valid.
  var fault: String? {
    if every ?? 1 < 1 { return "checkpoint.every must be 1 or more" }
    return minutes ?? 1 > 0 ? nil : "checkpoint.minutes must be more than 0"
  }
}

import CommandSupport
import Evaluate

/// The summary of one-shot recognition.
struct OneShotReport: Encodable {
  let rank1: Double
  let rank1Se: Double
  /// The 95 % interval of independent trials.
  let rank1Interval: [Double]
  let chance: Double
  let ways: Int
  let trials: Int
  var closedSet = false
  @OrNull var contaminated: Bool?
  /// SHA-256 of the weights of the run; `nil` for embeddings.
  @OrNull var weights: String?

  init(_ evaluation: OneShotEvaluation) {
    rank1 = Figures.rounded(evaluation.accuracy)
    rank1Se = Figures.rounded(evaluation.error)
    // A tie won in part is counted as lost at the lower end and as won at the upper end.
    let low = Proportion(evaluation.won.lowerBound, of: evaluation.trials)?.interval().lowerBound
    let high = Proportion(evaluation.won.upperBound, of: evaluation.trials)?.interval().upperBound
    rank1Interval = [Figures.rounded(low ?? 0), Figures.rounded(high ?? 1)]
    chance = Figures.rounded(evaluation.chance)
    ways = evaluation.ways
    trials = evaluation.trials
  }

  /// A table of the results with explanations.
  var rows: [[String]] {
    Figures.markRows(closedSet: closedSet, contaminated: contaminated) + [
      ["trials", "\(trials), each among \(ways) people"],
      [
        "rank-1 accuracy",
        "\(Figures.rate(rank1)) ± \(Figures.rate(rank1Se)) (standard error) "
          + "[\(Figures.rate(rank1Interval[0])), \(Figures.rate(rank1Interval[1]))]",
      ],
      ["chance", Figures.rate(chance)],
    ]
  }
}

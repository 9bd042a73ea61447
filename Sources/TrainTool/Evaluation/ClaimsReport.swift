import CommandSupport
import Evaluate

/// The summary of `train one-vs-all`.
struct ClaimsReport: Encodable {
  /// Open-set identification at a false alarm rate.
  struct OpenSet: Encodable {
    let far: Double
    /// `nil` if there are too few probes to measure it.
    @OrNull var dir: Double?
    @OrNull var threshold: Double?
  }

  /// How the templates of a claim were chosen.
  struct Templates: Encodable {
    /// equal, all or a number.
    let rule: String
    /// The images of the templates: test or train.
    let gallery: String
    /// The greatest number of templates of a claim.
    let count: Int
    /// The seed of the choice.
    let seed: Int

    var text: String {
      rule == "all"
        ? "all \(gallery) images, one fewer of the own person"
        : "\(counted(count, "template", "templates")) among the \(gallery) images, chosen by seed \(seed)"
    }
  }

  let probes: Int
  let identities: Int
  let templates: Templates
  /// Number of genuine claims.
  let tg: Int
  /// Number of impostor claims.
  let ti: Int
  let eer: Double
  let eerThreshold: Double
  let auc: Double
  let tarAtFar: [EvaluationReport.Rate]
  /// The fraction of probes whose own identity has the highest score, with its interval.
  let rank1: Double
  let rank1Interval: [Double]
  let rank5: Double
  let openSet: [OpenSet]
  let seconds: Double
  let scoringSeconds: Double
  let closedSet: Bool
  @OrNull var contaminated: Bool?

  private enum CodingKeys: String, CodingKey {
    case probes, identities, templates
    case tg = "TG"
    case ti = "TI"
    case eer, eerThreshold, auc, tarAtFar, rank1, rank1Interval, rank5, openSet, seconds
    case scoringSeconds, closedSet, contaminated
  }

  init(
    _ matrix: ClaimMatrix, _ roc: ROC, templates: Templates, seconds: Double,
    scoringSeconds: Double,
    closedSet: Bool, contaminated: Bool?
  ) {
    (probes, identities, self.templates) = (matrix.probes, matrix.identities, templates)
    (tg, ti) = (matrix.trueClaims, matrix.falseClaims)
    eer = Figures.rounded(roc.equalError.rate)
    eerThreshold = roc.equalError.threshold
    auc = Figures.rounded(roc.auc)
    tarAtFar = [0.01, 0.001].map {
      EvaluationReport.Rate(
        far: $0, roc.point(atFAR: $0), genuine: roc.genuine, impostor: roc.impostor)
    }
    let cumulative = matrix.cumulativeMatches
    rank1 = Figures.rounded(cumulative[0])
    rank5 = Figures.rounded(cumulative[min(4, cumulative.count - 1)])
    let won = matrix.ranks.count { $0 == 1 }
    rank1Interval =
      Proportion(won, of: matrix.probes).map { EvaluationReport.ends($0.interval()) } ?? []
    openSet = [0.1, 0.01].map { far in
      let point = matrix.openSetPoint(atFAR: far)
      return OpenSet(
        far: far, dir: (point?.dir).map(Figures.rounded),
        threshold: point.flatMap { $0.threshold.isFinite ? $0.threshold : nil })
    }
    self.seconds = (seconds * 1_000).rounded() / 1_000
    self.scoringSeconds = (scoringSeconds * 1_000).rounded() / 1_000
    self.closedSet = closedSet
    self.contaminated = contaminated
  }

  /// A table of the results with explanations.
  var rows: [[String]] {
    Figures.markRows(closedSet: closedSet, contaminated: contaminated) + [
      [
        "probes",
        "\(probes), each claiming to be \(identities) people",
      ],
      ["templates", templates.text], ["genuine claims TG", "\(tg)"],
      ["impostor claims TI", "\(ti)"],
      ["EER", "\(Figures.rate(eer)) at \(Figures.threshold(eerThreshold))"],
      ["AUC", Figures.rate(auc)],
    ]
      + tarAtFar.map {
        ["TAR at FAR \($0.far)", $0.tar.map(Figures.rate) ?? "- (\($0.reason ?? ""))"]
      }
      + [
        [
          "rank 1",
          "\(Figures.rate(rank1)) [\(rank1Interval.map(Figures.rate).joined(separator: ", "))]",
        ],
        ["rank 5", Figures.rate(rank5)],
      ]
      + openSet.map {
        [
          "DIR at FAR \($0.far)",
          $0.dir.map(Figures.rate)
            ?? "- (\(probes) probes cannot measure a rate below 1/\(probes))",
        ]
      }
      + [["seconds", "\(seconds), of which scoring \(scoringSeconds)"]]
  }
}

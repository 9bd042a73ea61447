import CommandSupport
import Evaluate
import Foundation

private func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }

/// The summary of `train evaluate` over trials of one-shot recognition.
struct OneShotReport: Encodable {
  let rank1: Double
  let rank1Se: Double
  let chance: Double
  let ways: Int
  let trials: Int

  init(_ evaluation: OneShotEvaluation) {
    rank1 = rounded(evaluation.accuracy)
    rank1Se = rounded(evaluation.error)
    chance = rounded(evaluation.chance)
    ways = evaluation.ways
    trials = evaluation.trials
  }

  /// A table of the results with explanations.
  var rows: [[String]] {
    func number(_ value: Double) -> String { String(format: "%.4f", value) }
    return [
      ["trials", "\(trials), each among \(ways) people"],
      ["rank-1 accuracy", "\(number(rank1)) ± \(number(rank1Se)) (standard error)"],
      ["chance", number(chance)],
    ]
  }
}

/// The summary of `train evaluate` and `train metrics`.
struct EvaluationReport: Encodable {
  /// The genuine acceptance rate at a false acceptance rate, with the underlying counts.
  struct Rate: Encodable {
    let far: Double
    /// `nil` if there are too few impostor pairs to measure it.
    let tar: Double?
    /// The reached false acceptance rate, at most `far`.
    let reachedFar: Double?
    let threshold: Double?
    let falseAccepts: Int?
    let trueAccepts: Int?
    /// The reason why there is no rate.
    let reason: String?

    private enum CodingKeys: String, CodingKey {
      case far, tar, reachedFar, threshold, falseAccepts, trueAccepts, reason
    }

    init(far: Double, _ point: ROC.Point?, impostor: Int) {
      self.far = far
      tar = point.map { rounded($0.gar) }
      reachedFar = point.map { rounded($0.far) }
      // A threshold above all scores is infinite, which JSON cannot express.
      threshold = point.flatMap { $0.threshold.isFinite ? $0.threshold : nil }
      falseAccepts = point?.falseAccepts
      trueAccepts = point?.trueAccepts
      reason =
        point == nil
        ? "\(impostor) impostor \(impostor == 1 ? "pair" : "pairs") cannot measure a rate below "
          + "1/\(impostor)" : nil
    }

    /// Written by hand so that a missing value is encoded as null instead of being left out.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(far, forKey: .far)
      try container.encode(tar, forKey: .tar)
      try container.encode(reachedFar, forKey: .reachedFar)
      try container.encode(threshold, forKey: .threshold)
      try container.encode(falseAccepts, forKey: .falseAccepts)
      try container.encode(trueAccepts, forKey: .trueAccepts)
      try container.encode(reason, forKey: .reason)
    }
  }

  let accuracy: Double
  let accuracyStd: Double?
  let accuracySe: Double
  let folds: Int
  /// The accuracy of always answering "different".
  let accuracyOfDifferent: Double
  let balancedAccuracy: Double?
  let far: Double?
  let frr: Double?
  let eer: Double
  let eerThreshold: Double
  let auc: Double
  let threshold: Double
  let thresholdFrom: String
  let tarAtFar: [Rate]
  let genuine: Int
  let impostor: Int

  init(_ evaluation: Evaluation) {
    accuracyOfDifferent = rounded(evaluation.decisions.accuracyOfDifferent)
    balancedAccuracy = evaluation.decisions.balancedAccuracy.map(rounded)
    far = evaluation.decisions.far.map(rounded)
    frr = evaluation.decisions.frr.map(rounded)
    accuracy = rounded(evaluation.accuracy)
    accuracyStd = evaluation.accuracyStd.map(rounded)
    accuracySe = rounded(evaluation.accuracyError)
    folds = evaluation.folds
    eer = rounded(evaluation.roc.equalError.rate)
    eerThreshold = evaluation.roc.equalError.threshold
    auc = rounded(evaluation.roc.auc)
    threshold = evaluation.threshold
    thresholdFrom = Self.words(evaluation.thresholdSource)
    let impostor = evaluation.roc.impostor
    tarAtFar = evaluation.pointsAtFAR.map { Rate(far: $0.far, $0.point, impostor: impostor) }
    genuine = evaluation.roc.genuine
    self.impostor = impostor
  }

  private enum CodingKeys: String, CodingKey {
    case accuracy, accuracyStd, accuracySe, folds, accuracyOfDifferent, balancedAccuracy, far, frr
    case eer, eerThreshold, auc, threshold
    case thresholdFrom, tarAtFar, genuine, impostor
  }

  /// Written by hand so that a missing value is encoded as null instead of being left out.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(accuracy, forKey: .accuracy)
    try container.encode(accuracyStd, forKey: .accuracyStd)
    try container.encode(accuracySe, forKey: .accuracySe)
    try container.encode(folds, forKey: .folds)
    try container.encode(accuracyOfDifferent, forKey: .accuracyOfDifferent)
    try container.encode(balancedAccuracy, forKey: .balancedAccuracy)
    try container.encode(far, forKey: .far)
    try container.encode(frr, forKey: .frr)
    try container.encode(eer, forKey: .eer)
    try container.encode(eerThreshold, forKey: .eerThreshold)
    try container.encode(auc, forKey: .auc)
    try container.encode(threshold, forKey: .threshold)
    try container.encode(thresholdFrom, forKey: .thresholdFrom)
    try container.encode(tarAtFar, forKey: .tarAtFar)
    try container.encode(genuine, forKey: .genuine)
    try container.encode(impostor, forKey: .impostor)
  }

  private static func words(_ source: Evaluation.ThresholdSource) -> String {
    switch source {
    case .otherFolds: "the other folds"
    case .tuned(let name): name
    case .given: "given"
    case .sameComparisons: "the tested pairs themselves: the accuracy is too high"
    }
  }

  /// A table of the results with explanations.
  var rows: [[String]] {
    func number(_ value: Double) -> String { String(format: "%.4f", value) }
    var rows = [
      ["genuine pairs", "\(genuine)"],
      ["impostor pairs", "\(impostor)"],
      [
        "accuracy",
        "\(number(accuracy)) ± \(number(accuracySe)) (standard error); "
          + "always \"different\": \(number(accuracyOfDifferent))",
      ],
      ["balanced accuracy", balancedAccuracy.map(number) ?? "-"],
      ["FAR, FRR there", "\(far.map(number) ?? "-"), \(frr.map(number) ?? "-")"],
      ["threshold", "\(number(threshold)), from \(thresholdFrom)"],
      ["EER", number(eer)],
      ["AUC", number(auc)],
    ]
    if let accuracyStd {
      rows.insert(["over \(folds) folds", "std \(number(accuracyStd))"], at: 3)
    }
    for rate in tarAtFar {
      let counts =
        "\(rate.trueAccepts ?? 0) of \(genuine) genuine, \(rate.falseAccepts ?? 0) of \(impostor) impostor"
      rows.append([
        "TAR at FAR \(rate.far)",
        rate.tar.map { "\(number($0)) (\(counts))" } ?? "- (\(rate.reason ?? ""))",
      ])
    }
    return rows
  }

  var text: String { rows.asLines }
}

extension [[String]] {
  /// Names and values in two columns.
  var asLines: String {
    let width = map { $0[0].count }.max() ?? 0
    return map {
      $0[0] + String(repeating: " ", count: width - $0[0].count + 2) + $0[1]
    }.joined(separator: "\n")
  }
}

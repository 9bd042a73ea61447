import CommandSupport
import Evaluate
import Foundation

/// The summary of `train evaluate` and `train metrics`.
struct EvaluationReport: Encodable {
  /// The genuine acceptance rate at a false acceptance rate.
  struct Rate: Encodable {
    let far: Double
    let tar: Double
  }

  let accuracy: Double
  let accuracyStd: Double?
  let accuracySe: Double
  let folds: Int
  let eer: Double
  let eerThreshold: Double
  let auc: Double
  let threshold: Double
  let thresholdFrom: String
  let tarAtFar: [Rate]
  let genuine: Int
  let impostor: Int

  init(_ evaluation: Evaluation) {
    func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
    accuracy = rounded(evaluation.accuracy)
    accuracyStd = evaluation.accuracyStd.map(rounded)
    accuracySe = rounded(evaluation.accuracyError)
    folds = evaluation.folds
    eer = rounded(evaluation.roc.equalError.rate)
    eerThreshold = evaluation.roc.equalError.threshold
    auc = rounded(evaluation.roc.auc)
    threshold = evaluation.threshold
    thresholdFrom = Self.words(evaluation.thresholdSource)
    tarAtFar = evaluation.garAtFAR.map { Rate(far: $0.far, tar: rounded($0.gar)) }
    genuine = evaluation.roc.genuine
    impostor = evaluation.roc.impostor
  }

  private enum CodingKeys: String, CodingKey {
    case accuracy, accuracyStd, accuracySe, folds, eer, eerThreshold, auc, threshold
    case thresholdFrom, tarAtFar, genuine, impostor
  }

  /// Written by hand so that a figure that does not exist is null rather than missing.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(accuracy, forKey: .accuracy)
    try container.encode(accuracyStd, forKey: .accuracyStd)
    try container.encode(accuracySe, forKey: .accuracySe)
    try container.encode(folds, forKey: .folds)
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
    case .sameComparisons: "the tested pairs themselves: the accuracy is too good"
    }
  }

  /// The figures with what they mean, in a table.
  var rows: [[String]] {
    func number(_ value: Double) -> String { String(format: "%.4f", value) }
    var rows = [
      ["genuine pairs", "\(genuine)"],
      ["impostor pairs", "\(impostor)"],
      ["accuracy", "\(number(accuracy)) ± \(number(accuracySe)) (standard error)"],
      ["threshold", "\(number(threshold)), from \(thresholdFrom)"],
      ["EER", number(eer)],
      ["AUC", number(auc)],
    ]
    if let accuracyStd {
      rows.insert(["over \(folds) folds", "std \(number(accuracyStd))"], at: 3)
    }
    for rate in tarAtFar { rows.append(["TAR at FAR \(rate.far)", number(rate.tar)]) }
    return rows
  }

  var text: String {
    let width = rows.map { $0[0].count }.max() ?? 0
    return rows.map {
      $0[0] + String(repeating: " ", count: width - $0[0].count + 2) + $0[1]
    }.joined(separator: "\n")
  }
}

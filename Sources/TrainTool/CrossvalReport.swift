import CommandSupport
import Evaluate
import Foundation

/// The figures of one fold, of which protocol, and the run that was tested.
struct FoldLine: Encodable {
  let figures: EvaluationReport.Fold
  let `protocol`: String
  let run: String

  enum CodingKeys: String, CodingKey {
    case `protocol`, run
  }

  /// Writes the figures beside the other keys.
  func encode(to encoder: any Encoder) throws {
    try figures.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(`protocol`, forKey: .protocol)
    try container.encode(run, forKey: .run)
  }
}

/// The summary of a cross-validation.
struct CrossvalReport: Encodable {
  let `protocol`: String
  let mode: String
  let run: String
  /// Number of folds with a result, and of all folds.
  let folds: Int
  let foldsOfProtocol: Int
  let accuracy: Double
  let accuracyStd: Double?
  let accuracySe: Double?
  let eer: Double
  let eerStd: Double?
  let auc: Double
  let aucStd: Double?
  /// The figures of the same networks on other protocols.
  var also: [CrossvalReport]?
  private let results: [CrossValidation.Fold]

  enum CodingKeys: String, CodingKey {
    case `protocol`, mode, run, folds, foldsOfProtocol
    case accuracy, accuracyStd, accuracySe, eer, eerStd, auc, aucStd, also
  }

  init(
    _ results: [CrossValidation.Fold], protocol name: String, mode: String, of all: Int,
    run: String
  ) {
    self.results = results
    let result = CrossValidation(results)
    `protocol` = name
    self.mode = mode
    self.run = run
    folds = result.folds.count
    foldsOfProtocol = all
    accuracy = Figures.rounded(result.accuracy.mean)
    accuracyStd = result.accuracy.deviation.map(Figures.rounded)
    accuracySe = result.accuracy.error.map(Figures.rounded)
    eer = Figures.rounded(result.eer.mean)
    eerStd = result.eer.deviation.map(Figures.rounded)
    auc = Figures.rounded(result.auc.mean)
    aucStd = result.auc.deviation.map(Figures.rounded)
  }

  /// The table of the folds and the means.
  var text: String {
    func number(_ value: Double) -> String { String(format: "%.4f", value) }
    func spread(_ mean: Double, _ deviation: Double?, _ error: Double?) -> String {
      number(mean) + (deviation.map { ", standard deviation \(number($0))" } ?? "")
        + (error.map { ", standard error \(number($0))" } ?? "")
    }
    let rows = results.map {
      ["\($0.fold)", number($0.accuracy), number($0.threshold), number($0.eer), number($0.auc)]
    }
    return [
      TextTable(["fold", "accuracy", "threshold", "EER", "AUC"], rows).text,
      "\(`protocol`), \(mode): \(folds) of \(foldsOfProtocol) folds, one training each",
      "accuracy " + spread(accuracy, accuracyStd, accuracySe),
      "EER " + spread(eer, eerStd, nil) + "; AUC " + spread(auc, aucStd, nil),
    ].joined(separator: "\n")
  }
}

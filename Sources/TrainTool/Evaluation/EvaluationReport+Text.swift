import Evaluate
import Report

extension EvaluationReport {
  /// A table of the results with explanations.
  var rows: [[String]] {
    var rows =
      Figures.markRows(closedSet: closedSet, contaminated: contaminated) + [
        ["genuine pairs", genuine.grouped],
        ["impostor pairs", impostor.grouped],
        ["accuracy", "\(Figures.rate(accuracy)) ± \(Figures.rate(accuracySe)) (standard error)"],
      ]
    if let interval = accuracyInterval {
      rows.append(["95 % over people", Self.ends(interval)])
    }
    rows.append(["always answering different", Figures.rate(accuracyOfDifferent)])
    if let accuracyStd {
      rows.append(["over \(folds) folds", "std \(Figures.rate(accuracyStd))"])
    }
    rows += [
      ["balanced accuracy", Figures.rate(balancedAccuracy)],
      [
        folds > 0 ? "FAR, FRR, all folds" : "FAR, FRR at the threshold",
        "\(Figures.rate(far)), \(Figures.rate(frr))",
      ],
      [
        "precision, recall, F1",
        "\(Figures.rate(precision)), \(Figures.rate(recall)), \(Figures.rate(f1))",
      ],
      [
        "threshold",
        "\(Figures.threshold(threshold)), \(thresholdFrom == "given" ? "" : "from ")\(thresholdFrom)",
      ],
    ]
    if let loss { rows.append(["loss of the tested pairs", Figures.rate(loss)]) }
    rows += pooledRows
    if folds > 0 {
      rows += [
        ["EER, mean over folds", Self.mean(eerOverFolds, eerOverFoldsStd)],
        ["AUC, mean over folds", Self.mean(aucOverFolds, aucOverFoldsStd)],
      ]
    }
    return rows
  }

  private var pooledRows: [[String]] {
    guard let eer else {
      return [["EER, AUC", "not pooled: different networks scored the folds"]]
    }
    var rows = [["EER", Figures.rate(eer) + Self.suffix(eerInterval)]]
    if let bounds = eerBounds, bounds[0] != bounds[1] {
      rows.append([
        "rates nearest to equal", "\(Figures.rate(bounds[0])) and \(Figures.rate(bounds[1]))",
      ])
    }
    rows += [["AUC", Figures.rate(auc) + Self.suffix(aucInterval)], ["d'", Figures.rate(dPrime)]]
    for rate in tarAtFar {
      let counts =
        "\(rate.trueAccepts ?? 0) of \(genuine), \(rate.falseAccepts ?? 0) of \(impostor)"
      rows.append([
        "TAR at FAR \(rate.far)",
        rate.tar.map {
          "\(Figures.rate($0))\(Self.suffix(rate.tarInterval)) (\(counts))"
        } ?? "- (\(impostor) impostor pairs cannot measure it)",
      ])
    }
    return rows
  }

  private static func ends(_ interval: [Double]) -> String {
    "[\(Figures.rate(interval[0])), \(Figures.rate(interval[1]))]"
  }

  private static func suffix(_ interval: [Double]?) -> String {
    interval.map { " \(ends($0))" } ?? ""
  }

  private static func mean(_ mean: Double?, _ deviation: Double?) -> String {
    "\(Figures.rate(mean)), std \(Figures.rate(deviation))"
  }

  /// The heading of the tables of slices.
  static let sliceHeading = [
    "part", "genuine", "impostor", "accuracy", "FAR", "FRR", "EER", "AUC",
  ]

  /// The rows of the figures of slices.
  static func rows(_ slices: [Slice]) -> [[String]] {
    slices.map {
      [
        // The kind of part follows from the name, and 80 columns are few.
        $0.name.split(separator: ": ").last.map(String.init) ?? $0.name, "\($0.genuine)",
        "\($0.impostor)", Figures.rate($0.accuracy),
        Figures.rate($0.far), Figures.rate($0.frr),
        Figures.rate($0.eer), Figures.rate($0.auc),
      ]
    }
  }

  /// The heading of the table of folds.
  static let foldHeading = ["fold", "genuine", "impostor", "accuracy", "threshold", "EER", "AUC"]

  /// The rows of the figures of folds.
  var foldRows: [[String]] {
    foldFigures.map {
      [
        "\($0.fold)", "\($0.genuine)", "\($0.impostor)", Figures.rate($0.accuracy),
        Figures.threshold($0.threshold), Figures.rate($0.eer), Figures.rate($0.auc),
      ]
    }
  }
}

extension EvaluationReport.Slice {
  /// The figures of some of the comparisons, with the decisions that were made.
  init?(_ name: String, _ evaluation: Evaluation, _ comparisons: Comparisons, where kept: [Bool]) {
    let part = comparisons.selected { kept[$0] }
    guard !part.isEmpty else { return nil }
    let correct = zip(evaluation.isCorrect, kept).filter(\.1).map(\.0)
    let decisions = zip(part.genuine, correct).reduce(into: [0, 0, 0, 0]) {
      $0[($1.0 ? 2 : 0) + ($1.1 ? 1 : 0)] += 1
    }
    let counts = Decisions(
      trueAccepts: decisions[3], falseRejects: decisions[2], falseAccepts: decisions[0],
      trueRejects: decisions[1])
    let roc = ROC(part)
    self.name = name
    (genuine, impostor) = (counts.genuine, counts.impostor)
    accuracy = Figures.rounded(counts.accuracy)
    balancedAccuracy = counts.balancedAccuracy.map(Figures.rounded)
    (far, frr) = (counts.far.map(Figures.rounded), counts.frr.map(Figures.rounded))
    eer = (roc?.equalError.rate).map(Figures.rounded)
    auc = (roc?.auc).map(Figures.rounded)
  }
}

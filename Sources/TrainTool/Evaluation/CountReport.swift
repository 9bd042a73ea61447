import CommandSupport
import Evaluate
import Foundation

/// The summary of a table of counts at several thresholds.
struct CountReport: Encodable {
  /// The counts and rates at one threshold.
  struct Row: Encodable {
    let threshold: Double
    let ga: Int
    let fa: Int
    let fr: Int
    let gr: Int
    @OrNull var gar: Double?
    @OrNull var far: Double?
    @OrNull var frr: Double?
    @OrNull var grr: Double?

    init(threshold: Double, _ decisions: Decisions) {
      self.threshold = threshold
      (ga, fa) = (decisions.trueAccepts, decisions.falseAccepts)
      (fr, gr) = (decisions.falseRejects, decisions.trueRejects)
      (gar, far) = (decisions.gar.map(Figures.rounded), decisions.far.map(Figures.rounded))
      (frr, grr) = (decisions.frr.map(Figures.rounded), decisions.grr.map(Figures.rounded))
    }

    /// The cells of a table with the heading ``CountReport/heading``.
    var cells: [String] {
      [
        Figures.threshold(threshold), "\(ga)", "\(fa)", "\(fr)", "\(gr)", Figures.rate(gar),
        Figures.rate(far), Figures.rate(frr), Figures.rate(grr),
      ]
    }
  }

  static let heading = ["threshold", "GA", "FA", "FR", "GR", "GAR", "FAR", "FRR", "GRR"]

  /// Number of genuine claims.
  let tg: Int
  /// Number of impostor claims.
  let ti: Int
  /// `nil` if FAR and FRR do not cross within the table.
  @OrNull var eer: Double?
  @OrNull var eerThreshold: Double?
  @OrNull var eerBounds: [Double]?
  /// The area under the lines through the few points of the table.
  let auc: Double
  let rows: [Row]

  private enum CodingKeys: String, CodingKey {
    case tg = "TG"
    case ti = "TI"
    case eer, eerThreshold, eerBounds, auc, rows
  }

  init(_ table: CountTable) {
    rows = table.rows.map { Row(threshold: $0.threshold, $0.decisions) }
    tg = table.rows[0].decisions.genuine
    ti = table.rows[0].decisions.impostor
    auc = Figures.rounded(table.auc)
    let error = table.equalError
    eer = (error?.rate).map(Figures.rounded)
    eerThreshold = error?.threshold
    eerBounds = (error?.interval).map(EvaluationReport.ends)
  }

  /// The table and its figures.
  var text: String {
    let figures = [
      ["genuine claims", "\(tg)"], ["impostor claims", "\(ti)"],
      [
        "EER",
        eer.map {
          "\(String(format: "%.5f", $0)) at the threshold \(Figures.threshold(eerThreshold ?? 0)), "
            + "interpolated"
        } ?? "- (FAR and FRR do not cross within the table)",
      ],
      ["AUC", "\(Figures.rate(auc)), from \(rows.count) points"],
    ]
    return TextTable(Self.heading, rows.map(\.cells)).text + "\n\n" + figures.asLines
  }

  static func words(_ failure: CountTable.Failure) -> String {
    switch failure {
    case .malformed(let line, let reason): "line \(line): \(reason)."
    case .wrongRate(let line, let rate, let expected):
      "line \(line): the rate \(rate) does not follow from the counts, which give \(expected)."
    case .unequalTotals(let threshold):
      "the counts at the threshold \(threshold) are of another number of claims than the others."
    case .tooFewRows: "it has fewer than two thresholds."
    case .oneSided: "it has no genuine or no impostor claims."
    case .notMonotone(let threshold):
      "the threshold \(threshold) accepts less than a higher one, or stands there twice."
    }
  }
}

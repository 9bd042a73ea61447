import Catalog
import CommandSupport
import Evaluate
import Foundation
import Plots
import Report
import Train

/// Writes the report of an evaluation: a page and its charts.
struct ReportWriter {
  let catalog: Catalog
  let test: ProtocolTest
  let subject: TestSubject
  let warnings: [String]
  /// Whether the report may show people.
  let showsPeople: Bool
  /// Whether the map of embeddings is t-SNE instead of principal components.
  let usesNeighbours: Bool
  let folder: String

  /// Writes the report of verification.
  ///
  /// - Returns: the path of the page.
  func write(_ figures: EvaluationReport, _ evaluation: Evaluation) throws -> String {
    var page = page("Figures", rows: figures.rows)
    let verdict = EvaluationVerdict(figures, evaluation, test, showsPeople: showsPeople)
    verdict.write(to: &page)
    page.plots =
      ScorePlots(evaluation.roc, threshold: evaluation.threshold).all
      + verdict.foldPlots
    if let run = subject.run?.folder {
      page.plots += try TrainingCurves.plots(of: run).enumerated().map {
        ("training-\($0 + 1).svg", $1)
      }
    }
    if !figures.foldFigures.isEmpty {
      page.figures.append(
        EvaluationPage.Figures(
          title: "Folds", text: "The threshold of each fold was chosen on the others.",
          heading: EvaluationReport.foldHeading, rows: figures.foldRows))
    }
    if !figures.slices.isEmpty {
      page.figures.append(
        EvaluationPage.Figures(
          title: "Parts of the pairs", text: "Decided at the same thresholds.",
          heading: EvaluationReport.sliceHeading, rows: EvaluationReport.rows(figures.slices)))
    }
    if let without = figures.withoutErrata {
      page.figures.append(
        EvaluationPage.Figures(
          title: "Without errata: not the official figure",
          text: "The pairs whose label the dataset's errata call wrong are left out.",
          heading: EvaluationReport.sliceHeading, rows: EvaluationReport.rows([without])))
    }
    page.figures += verdict.people + audit
    if showsPeople {
      page.galleries = try Mistakes(test, evaluation, catalog).galleries
      page.drawings = try [
        EmbeddingMap(test.embeddings, test.images, catalog, usesNeighbours: usesNeighbours)?.drawing
      ].compactMap(\.self)
    }
    return try PageFiles.write(page, to: folder)
  }

  /// Writes the report of one-shot trials.
  ///
  /// - Returns: the path of the page.
  func write(_ figures: OneShotReport) throws -> String {
    var page = page("Figures", rows: figures.rows)
    page.figures += audit
    if showsPeople {
      page.galleries = try PredictionSheet(test, ways: figures.ways, catalog).galleries
    }
    return try PageFiles.write(page, to: folder)
  }

  private func page(_ title: String, rows: [[String]]) -> EvaluationPage {
    var page = EvaluationPage(
      title: subject.title(test.summary.name)
        + (test.isClosedSet ? " (closed set)" : ""), subtitle: subject.subtitle,
      figures: [EvaluationPage.Figures(title: title, heading: ["figure", "value"], rows: rows)])
    page.warnings = warnings.sentences
    page.facts = subject.facts(rule: test.embeddings.rule.title)
    return page
  }

  /// The findings of the protocol's audit.
  private var audit: [EvaluationPage.Figures] {
    let counts = Finding.Kind.allCases.compactMap { kind -> [String]? in
      let count = test.findings.count { $0.kind == kind }
      return count > 0 ? [kind.rawValue, kind.isLeak ? "yes" : "no", "\(count)"] : nil
    }
    guard !counts.isEmpty else { return [] }
    return [
      EvaluationPage.Figures(
        title: "Findings of the protocol's audit",
        text: "Each of them stands in the catalog's view findings.",
        heading: ["finding", "a leak", "how many"], rows: counts)
    ]
  }
}

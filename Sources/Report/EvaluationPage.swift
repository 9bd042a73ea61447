import Evaluate
import Plots

/// The page of an evaluation: its results, the ROC curve and the scores.
public struct EvaluationPage {
  private let title: String
  private let subtitle: String
  private let figures: [[String]]
  private let facts: [[String]]
  private let comparisons: [Comparison]
  private let warnings: [String]
  private let evaluation: Evaluation?

  /// Creates a page.
  ///
  /// - Parameters:
  ///   - title: the heading.
  ///   - subtitle: the line below it.
  ///   - figures: names and values, as the command prints them.
  ///   - warnings: warnings for the reader of the results.
  ///   - facts: names and values of the inputs that determine the run.
  ///   - comparisons: the tested comparisons.
  ///   - evaluation: their evaluation; `nil` if there are no curves, as for one-shot trials.
  public init(
    title: String, subtitle: String, figures: [[String]], warnings: [String] = [],
    facts: [[String]], comparisons: [Comparison], evaluation: Evaluation?
  ) {
    self.warnings = warnings
    self.title = title
    self.subtitle = subtitle
    self.figures = figures
    self.facts = facts
    self.comparisons = comparisons
    self.evaluation = evaluation
  }

  /// The page as one HTML file.
  public func html() throws -> String {
    try Page(
      title: title, subtitle: subtitle,
      sections: [
        Page.Section(
          title: "Figures",
          text: (warnings.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." } + [
            "FAR and FRR are per comparison; a score is larger when two images are more alike."
          ]).joined(separator: " "),
          table: Page.Table(heading: ["figure", "value"], rows: figures)),
        Page.Section(title: "Curves", plots: plots.map(\.plot)),
        Page.Section(
          title: "What the run is a function of",
          table: Page.Table(heading: ["what", "value"], rows: facts)),
      ]
    ).render()
  }

  /// The charts as SVG files, by file name.
  public var charts: [String: String] {
    Dictionary(uniqueKeysWithValues: plots.map { ($0.file, $0.plot.document) })
  }

  private var plots: [(file: String, plot: Plot)] {
    guard let evaluation else { return [] }
    return [("roc.svg", roc(evaluation.roc)), ("scores.svg", scores)]
  }

  private func roc(_ roc: ROC) -> Plot {
    let error = roc.equalError.rate
    return Plot(
      title: "ROC, with the equal error rate", xLabel: "false acceptance rate",
      yLabel: "genuine acceptance rate", x: 0...1, y: 0...1,
      marks: [
        .line([(0, 0), (1, 1)], style: "chance"),
        .line(Self.corners(of: roc.points).map { ($0.far, $0.gar) }, style: "one"),
        .point(x: error, y: 1 - error, style: "two"),
      ])
  }

  /// The points at which the curve changes direction; those within a straight segment are left out.
  private static func corners(of points: [ROC.Point]) -> [ROC.Point] {
    points.indices.filter { index in
      guard index > 0, index + 1 < points.count else { return true }
      let (before, here, after) = (points[index - 1], points[index], points[index + 1])
      return (here.far - before.far) * (after.gar - here.gar)
        != (after.far - here.far) * (here.gar - before.gar)
    }.map { points[$0] }
  }

  private static let bins = 50

  private var scores: Plot {
    let values = comparisons.map(\.score)
    let low = values.min() ?? 0
    let high = values.max() ?? 1
    let width = max((high - low) / Double(Self.bins), 1e-12)
    func shares(_ isGenuine: Bool) -> [(x: Double, y: Double)] {
      var counts = [Int](repeating: 0, count: Self.bins)
      for comparison in comparisons where comparison.isGenuine == isGenuine {
        counts[min(Self.bins - 1, Int((comparison.score - low) / width))] += 1
      }
      let total = Double(max(1, counts.reduce(0, +)))
      return counts.enumerated().map {
        (low + Double($0.offset) * width, Double($0.element) / total)
      }
    }
    let (genuine, impostor) = (shares(true), shares(false))
    let top = (genuine + impostor).map(\.y).max() ?? 1
    return Plot(
      title: "Scores", xLabel: "score", yLabel: "share of the comparisons",
      x: low...max(high, low + width), y: 0...top,
      marks: [
        .bars(impostor, width: width, style: "two"), .bars(genuine, width: width, style: "one"),
      ], legend: [("genuine", "one"), ("impostor", "two")])
  }
}

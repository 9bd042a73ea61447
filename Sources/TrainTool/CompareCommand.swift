import ArgumentParser
import CommandSupport
import Plots
import Report
import Train

/// `train compare`.
struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Shows runs side by side: settings, times, losses and accuracies.",
    discussion: """
      The figures of validation are those of the evaluation whose weights are used. The figures of \
      tests are those of train evaluate, if it was run.
      """)

  @Argument(help: ArgumentHelp("The folders of the runs.", valueName: "run"))
  var runs: [String]

  @Option(help: ArgumentHelp("Write a page into this folder.", valueName: "dir"))
  var report: String?

  @OptionGroup var output: OutputOptions

  /// The figures of one run.
  private struct Line: Encodable {
    struct Test: Encodable {
      let `protocol`: String
      @OrNull var accuracy: Double?
      @OrNull var eer: Double?
      @OrNull var auc: Double?
      @OrNull var rank1: Double?
      @OrNull var loss: Double?
      let closedSet: Bool
      @OrNull var contaminated: Bool?
      /// Whether the run has other weights now than those that were tested.
      let isOutdated: Bool
    }

    let run: String
    let recipe: String
    let faithful: Bool
    let network: String
    let `protocol`: String
    let seed: Int
    let optimizer: String
    let rate: Float
    let loss: String
    let score: String
    let batch: Int
    let epochs: Int
    let parameters: Int
    let precision: String
    @OrNull var steps: Int?
    @OrNull var secondsPerStep: Double?
    @OrNull var trainingLoss: Float?
    @OrNull var trainingAccuracy: Double?
    @OrNull var validationLoss: Float?
    @OrNull var validationAccuracy: Double?
    @OrNull var validationEer: Double?
    let tests: [Test]

    init(_ run: RunOverview) {
      self.run = run.folder.path
      recipe = run.record.recipe
      faithful = run.record.faithful
      network = run.recipe.network ?? "its own"
      `protocol` = run.record.protocol
      seed = run.record.seed
      optimizer = run.recipe.optimizer.name
      rate = run.recipe.optimizer.rate
      loss = run.recipe.loss.name
      score =
        if let score = run.recipe.score {
          score.jointBayesian.knownPeople == nil ? "joint-bayesian" : "known-people"
        } else {
          run.recipe.head == nil ? "distance of the loss" : "head"
        }
      batch = run.recipe.rows
      epochs = run.recipe.epochs
      parameters = run.record.parameters
      precision = run.record.precision
      let weights = run.folder.scorerDigest
      tests = run.tests.map {
        Test(
          protocol: $0.name, accuracy: $0.accuracy, eer: $0.eer, auc: $0.auc, rank1: $0.rank1,
          loss: $0.loss, closedSet: $0.closedSet, contaminated: $0.contaminated,
          isOutdated: $0.weights != weights)
      }
      steps = run.timing?.steps
      secondsPerStep = run.timing.map { Figures.rounded($0.seconds / Double($0.steps)) }
      trainingLoss = run.best?.trainingLoss
      trainingAccuracy = (run.best?.trainingAccuracy).map(Figures.rounded)
      validationLoss = run.best?.validationLoss
      validationAccuracy = (run.best?.accuracy).map(Figures.rounded)
      validationEer = (run.best?.eer).map(Figures.rounded)
    }

    /// The names of ``cells``.
    static let names = [
      "recipe", "network", "protocol", "seed", "optimizer", "rate", "loss", "score",
      "images a step",
      "epochs", "parameters", "precision", "steps", "ms a step", "training loss",
      "training accuracy", "validation loss", "validation accuracy", "validation EER",
    ]

    /// The values of a table with a column for each run.
    var cells: [String] {
      func number(_ value: Float?) -> String { Figures.rate(value.map(Double.init)) }
      return [
        recipe + (faithful ? ", faithful" : ""), network, `protocol`, "\(seed)", optimizer,
        "\(rate)", loss, score, "\(batch)", "\(epochs)", "\(parameters)", precision,
        steps.map(String.init) ?? "-",
        secondsPerStep.map { Figures.threshold($0 * 1_000) } ?? "-", number(trainingLoss),
        Figures.rate(trainingAccuracy), number(validationLoss), Figures.rate(validationAccuracy),
        Figures.rate(validationEer),
      ]
    }
  }

  private struct Summary: Encodable {
    let runs: Int
    @OrNull var report: String?
  }

  func validate() throws {
    guard !runs.isEmpty else { throw ValidationError("Name the folders of the runs.") }
  }

  func run() async throws {
    let overviews = try runs.map { try RunOverview(RunFolder(path: $0)) }
    let lines = overviews.map(Line.init)
    for line in lines { output.line("run", line) }
    let rows = Self.rows(lines)
    var summary = Summary(runs: runs.count)
    summary.report = try report.map { folder in
      var page = EvaluationPage(
        title: "\(counted(runs.count, "run", "runs")) side by side",
        subtitle: runs.joined(separator: ", "),
        figures: [
          EvaluationPage.Figures(
            title: "Figures", heading: ["figure"] + Self.heads(runs), rows: rows)
        ])
      page.plots = Self.plots(overviews)
      page.curves = "What was recorded while the runs trained."
      if overviews.count > Self.styles.count {
        page.warnings = ["The curves show the first \(Self.styles.count) runs only."]
      }
      return try PageFiles.write(page, to: folder)
    }
    let page = summary.report
    output.summary(summary) {
      TextTable(["figure"] + Self.heads(runs), rows).text
        + (page.map { "\n\nthe report is in \($0)" } ?? "")
    }
  }

  /// The last part of each path, or the whole path where two have the same.
  private static func heads(_ runs: [String]) -> [String] {
    let names = runs.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    return zip(runs, names).map { run, name in names.count { $0 == name } > 1 ? run : name }
  }

  private static func rows(_ lines: [Line]) -> [[String]] {
    let cells = lines.map(\.cells)
    let rows = Line.names.enumerated().map { place, name in
      [name] + cells.map { $0[place] }
    }
    let protocols = Set(lines.flatMap { $0.tests.map(\.protocol) }).sorted()
    return rows
      + protocols.map { name in
        ["test on \(name)"]
          + lines.map { line in
            guard let test = line.tests.first(where: { $0.protocol == name }) else { return "-" }
            let marks = [
              test.closedSet ? ", closed set" : "",
              test.contaminated == true ? ", contaminated" : "",
              test.isOutdated ? ", of earlier weights" : "",
            ].joined()
            if let rank1 = test.rank1 { return "rank 1 \(Figures.rate(rank1))" + marks }
            let loss = test.loss.map { ", loss \(Figures.rate($0))" } ?? ""
            return "\(Figures.rate(test.accuracy)), EER \(Figures.rate(test.eer))" + loss + marks
          }
      }
  }

  private static let styles = ["one", "two", "three", "four", "five", "six"]

  /// Loss and accuracy of up to six runs over one another: training and validation.
  private static func plots(_ runs: [RunOverview]) -> [(file: String, plot: Plot)] {
    [
      ("training-loss.svg", "Training loss", { Double($0.trainingLoss) }),
      ("validation-loss.svg", "Validation loss", { $0.validationLoss.map(Double.init) }),
      ("training-accuracy.svg", "Training accuracy", { $0.trainingAccuracy }),
      ("validation-accuracy.svg", "Validation accuracy", { $0.accuracy }),
    ].compactMap { (file, title, value: (ValidationReport) -> Double?) in
      plot(title, runs, value).map { (file, $0) }
    }
  }

  private static func plot(
    _ title: String, _ runs: [RunOverview], _ value: (ValidationReport) -> Double?
  ) -> Plot? {
    let names = heads(runs.map(\.folder.path))
    let curves = zip(runs, zip(names, styles)).map { run, name in
      (
        name: name.0, style: name.1,
        points: run.evaluations.compactMap { report in
          value(report).map { (x: Double(report.evaluatedStep), y: $0) }
        }
      )
    }.filter { !$0.points.isEmpty }
    let all = curves.flatMap(\.points)
    guard let last = all.map(\.x).max(), let top = all.map(\.y).max(),
      let bottom = all.map(\.y).min()
    else { return nil }
    return Plot(
      title: title, xLabel: "step", yLabel: title.lowercased(), x: 0...last,
      y: min(bottom, 0)...max(top, bottom + 1e-6),
      marks: curves.flatMap { Plot.Mark.curve($0.points, style: $0.style) },
      legend: curves.map { ($0.name, $0.style) })
  }
}

import ArgumentParser
import Catalog
import CommandSupport
import Evaluate
import Foundation
import Report
import Train

/// `train evaluate`.
struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Tests a run on the test pairs of a protocol.",
    discussion: """
      The threshold is chosen on the validation pairs, or on the training pairs where there are \
      none: never on the pairs that are tested.
      """)

  @Option(help: ArgumentHelp("The run's folder.", valueName: "dir"))
  var run: String

  @OptionGroup var store: ShardsOptions

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp("The protocol; the run's own by default.", valueName: "name"))
  var protocolName: String?

  @Option(help: ArgumentHelp("Where the report goes; RUN/report by default.", valueName: "dir"))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Write every test pair with its score, for train metrics.", valueName: "file.csv"))
  var scores: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let folder = RunFolder(path: run)
    let record = try RunRecord.read(folder)
    let catalog = try store.open()
    let tested = try catalog.protocolSummary(protocolName ?? record.protocol)
    _ = try threads.start()
    let recipe = try Recipe.read(folder.recipe)
    let test = try EvaluationRun(
      run: folder, record: record, recipe: recipe, catalog: catalog, protocolName: tested.name)
    guard let evaluation = Evaluation(test.comparisons, tuning: test.tuning) else {
      throw TrainError.nothingToTest(protocol: tested.name)
    }
    if !test.isSameStore {
      output.note(
        "warning: the run was trained on another store; whether the same people are in both "
          + "cannot be told")
    }
    if let scores { try writeScores(test, catalog: catalog, to: scores) }
    let figures = EvaluationReport(evaluation)
    let page = try writePage(figures, evaluation, test, record: record)
    output.summary(figures) { "\(figures.text)\nthe report lies in \(page)" }
  }

  private func writeScores(
    _ test: EvaluationRun, catalog: Catalog, to path: String
  ) throws {
    let tested = Set(test.pairs.flatMap { [$0.left, $0.right] })
    var paths: [Int: String] = [:]
    try catalog.forEachSample { sample in
      if tested.contains(sample.id) { paths[sample.id] = ScoreFile.quoted(sample.path) }
    }
    var lines = ["score,genuine,fold,left,right"]
    for (pair, comparison) in zip(test.pairs, test.comparisons) {
      let names = [pair.left, pair.right].map { paths[$0] ?? "" }.joined(separator: ",")
      lines.append(
        "\(comparison.score),\(comparison.isGenuine ? 1 : 0),\(comparison.fold),\(names)")
    }
    try ReportFile.write(lines.joined(separator: "\n") + "\n", to: path)
  }

  private func writePage(
    _ figures: EvaluationReport, _ evaluation: Evaluation, _ test: EvaluationRun,
    record: RunRecord
  ) throws -> String {
    let page = EvaluationPage(
      title: "\(record.recipe) on \(protocolName ?? record.protocol)", subtitle: "run \(run)",
      figures: figures.rows,
      facts: [
        ["trained on the store", record.storeDigest],
        ["trained on the protocol", record.protocolDigest],
        ["recipe", record.recipe], ["seed", "\(record.seed)"], ["threads", "\(record.threads)"],
        ["instruction set", record.instructionSet], ["convolution", record.convolution],
        ["trained in", record.precision], ["parameters", "\(record.parameters)"],
      ], comparisons: test.comparisons, evaluation: evaluation)
    let folder = report ?? RunFolder(path: run).report
    let path = "\(folder)/evaluation.html"
    try ReportFile.write(page.html(), to: path)
    for (name, chart) in page.charts { try ReportFile.write(chart, to: "\(folder)/\(name)") }
    return path
  }
}

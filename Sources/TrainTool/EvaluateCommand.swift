import ArgumentParser
import CSV
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
      The threshold is chosen on the validation pairs, or on the training pairs if there are \
      none: never on the tested pairs.
      """)

  @Option(help: ArgumentHelp("The run's folder.", valueName: "dir"))
  var run: String

  @OptionGroup var store: ShardsOptions

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp("The protocol; the run's own by default.", valueName: "name"))
  var protocolName: String?

  @Option(
    help: ArgumentHelp(
      "The directory of the report; RUN/reports/PROTOCOL by default.", valueName: "dir"))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Write every test pair with its score, for train metrics.", valueName: "file.csv"))
  var scores: String?

  @Flag(help: "Test also on people or images that were trained on; the report says so.")
  var allowContaminated = false

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
      run: folder, record: record, recipe: recipe, catalog: catalog, protocolName: tested.name,
      allowsContaminated: allowContaminated)
    if record.initialWeightsUnknown == true { output.note("warning: \(Self.unknownWeights)") }
    for warning in Self.warnings(test) { output.note("warning: \(warning)") }
    if let scores { try writeScores(test, catalog: catalog, to: scores) }
    if tested.kind == "one-shot" { return try reportTrials(test, of: tested) }
    guard let evaluation = Evaluation(test.comparisons, tuning: test.tuning) else {
      throw TrainError.nothingToTest(protocol: tested.name)
    }
    let figures = EvaluationReport(evaluation)
    let page = try writePage(
      figures.rows, of: tested.name, test, record: record, evaluation: evaluation)
    output.summary(figures) { "\(figures.text)\nthe report is in \(page)" }
  }

  private static let unknownWeights =
    "the run began with the weights of a file, and it is not known whom they were trained on"

  /// Warnings for the reader of the results.
  private static func warnings(_ test: EvaluationRun) -> [String] {
    var warnings: [String] = []
    if !test.isSameStore {
      warnings.append(
        "the run was trained on another store; people of both are told by their datasets' and own "
          + "names alone")
    }
    if test.isClosedSet {
      warnings.append(
        "a closed set: the people who are tested were trained on, in other images, so the figures "
          + "say nothing of others")
    } else if test.contamination.identities > 0 {
      warnings.append(
        "contaminated: the run was trained on \(test.contamination.identities) of the people who are "
          + "tested")
    }
    if test.contamination.images > 0 {
      warnings.append(
        "contaminated: the run was trained on \(test.contamination.images) of the images that are "
          + "tested")
    }
    return warnings
  }

  private struct Specification: Decodable {
    let ways: Int
  }

  private func reportTrials(_ test: EvaluationRun, of tested: ProtocolSummary) throws {
    let ways = try? JSONDecoder().decode(
      Specification.self, from: Data(tested.specification.utf8)
    ).ways
    guard let ways, let evaluation = OneShotEvaluation(test.comparisons, ways: ways) else {
      throw TrainError.nothingToTest(protocol: tested.name)
    }
    let figures = OneShotReport(evaluation)
    let page = try writePage(
      figures.rows, of: tested.name, test, record: RunRecord.read(RunFolder(path: run)),
      evaluation: nil)
    output.summary(figures) { "\(figures.rows.asLines)\nthe report is in \(page)" }
  }

  private func writeScores(
    _ test: EvaluationRun, catalog: Catalog, to path: String
  ) throws {
    let images = try catalog.images(test.pairs.flatMap { [$0.left, $0.right] })
    var text = CSVTable.line(["score", "genuine", "fold", "left", "right"])
    for (pair, comparison) in zip(test.pairs, test.comparisons) {
      text += CSVTable.line(
        [
          "\(comparison.score)", comparison.isGenuine ? "1" : "0", "\(comparison.fold)",
          images[pair.left]?.path ?? "", images[pair.right]?.path ?? "",
        ])
    }
    try ReportFile.write(text, to: path)
  }

  private func writePage(
    _ figures: [[String]], of tested: String, _ test: EvaluationRun, record: RunRecord,
    evaluation: Evaluation?
  ) throws -> String {
    let page = EvaluationPage(
      title: "\(record.recipe) on \(tested)", subtitle: "run \(run)",
      figures: figures,
      warnings: Self.warnings(test)
        + (record.initialWeightsUnknown == true ? [Self.unknownWeights] : []),
      facts: [
        ["trained on the store", record.storeDigest],
        ["trained on the protocol", record.protocolDigest],
        ["recipe", record.recipe], ["seed", "\(record.seed)"], ["threads", "\(record.threads)"],
        ["instruction set", record.instructionSet], ["convolution", record.convolution],
        ["trained in", record.precision], ["parameters", "\(record.parameters)"],
      ], comparisons: test.comparisons, evaluation: evaluation)
    let folder = report ?? RunFolder(path: run).report(of: tested)
    let path = "\(folder)/index.html"
    try ReportFile.write(page.html(), to: path)
    for (name, chart) in page.charts { try ReportFile.write(chart, to: "\(folder)/\(name)") }
    return path
  }
}

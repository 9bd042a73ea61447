import ArgumentParser
import CommandSupport
import Evaluate
import Foundation

/// `train metrics`.
struct MetricsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Computes every figure from a file of scores; no model is needed.",
    discussion: """
      The file is CSV with the columns score (larger is more alike) and genuine (1 or 0), and \
      optionally fold, left_identity and right_identity. With folds, each fold's threshold comes \
      from the others; with identities there are intervals of a bootstrap over them. A file of counts \
      at several thresholds is read too: CSV with the columns threshold,ga,fa,fr,gr, or groups of \
      lines, each with the threshold and then the counts.
      """)

  @Argument(
    help: ArgumentHelp("The file of scores; - reads standard input.", valueName: "scores.csv"))
  var file: String

  // A score may be negative and must not be parsed as the name of an option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Use this threshold for the accuracy.", valueName: "score"))
  var threshold: Double?

  @Flag(
    help: "Each fold was scored by a network of its own: EER and AUC are not pooled over folds.")
  var separateNetworks = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard threshold?.isFinite ?? true else { throw ValidationError("--threshold must be finite.") }
  }

  func run() async throws {
    let data =
      file == "-"
      ? try FileHandle.standardInput.readToEnd() ?? Data()
      : FileManager.default.contents(atPath: file)
    guard let text = data.flatMap({ String(data: $0, encoding: .utf8) }) else {
      throw CommandFailure(
        data == nil
          ? "\(name) cannot be opened, or is a folder. Check the path."
          : "\(name) is not text in UTF-8.")
    }
    if CountTable.isCSV(text) || CountTable.isGroups(text) { return try reportCounts(text) }
    let scores: ScoreFile.Table
    do throws(ScoreFile.Failure) {
      scores = try ScoreFile.table(text)
    } catch { throw CommandFailure("\(name): \(Self.words(error))") }
    guard let evaluation = Evaluation(scores.comparisons, threshold: threshold) else {
      throw CommandFailure("\(name) lacks genuine or impostor pairs.")
    }
    guard !separateNetworks || evaluation.folds > 0 else {
      throw ValidationError("--separate-networks needs folds, and no --threshold.")
    }
    let bootstrap = scores.identities.flatMap {
      IdentityBootstrap(
        scores.comparisons, identities: $0, isCorrect: evaluation.isCorrect,
        isMeanOverFolds: evaluation.folds > 0)
    }
    let report = EvaluationReport(
      evaluation, bootstrap: bootstrap, isOneNetwork: !separateNetworks)
    if evaluation.roc.auc < 0.5 && !separateNetworks {
      output.note(
        "warning: impostor pairs score higher than genuine ones (AUC "
          + "\(Figures.rate(report.auc))): if the column holds distances, give their negatives")
    }
    output.summary(report) { report.rows.asLines }
  }

  private func reportCounts(_ text: String) throws {
    guard threshold == nil, !separateNetworks else {
      throw ValidationError(
        "--threshold and --separate-networks do not go with a file of counts.")
    }
    do throws(CountTable.Failure) {
      let report = CountReport(try CountTable.parse(text))
      output.summary(report) { report.text }
    } catch { throw CommandFailure("\(name): \(CountReport.words(error))") }
  }

  private var name: String { file == "-" ? "standard input" : file }

  private static func words(_ failure: ScoreFile.Failure) -> String {
    switch failure {
    case .malformed(let line, let reason): "line \(line): \(reason)."
    case .duplicateColumn(let column):
      "the first line names the column \(column) twice; leave one out."
    case .oneSidedFold(let fold):
      "fold \(fold.fold) has \(fold.genuine) genuine and \(fold.impostor) impostor pairs; every fold needs "
        + "both."
    case .noHeader(let found):
      "the first line is \"\(found.prefix(60))\"; it must name the columns score and genuine."
    case .fields(let line, let expected, let found):
      "line \(line) has \(counted(found, "field", "fields")) where the first line names \(expected)."
    case .value(let line, let column, let text):
      "line \(line): \"\(text)\" is no \(column)"
        + (column == "genuine"
          ? "; it must be 1 or 0."
          : column == "fold"
            ? "; it must be a whole number, 0 or more." : "; it must be a number of at most 1e100.")
    case .contradiction(let line):
      "line \(line): the pair is called genuine and has two identities, or impostor and has one."
    case .oneSided(let genuine, let impostor):
      "it has \(genuine) genuine and \(impostor) impostor pairs; both are needed."
    }
  }
}

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
      optionally fold. With folds, each fold's threshold comes from the others.
      """)

  @Argument(
    help: ArgumentHelp("The file of scores; - reads standard input.", valueName: "scores.csv"))
  var file: String

  // A score may be negative and must not be parsed as the name of an option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Use this threshold for the accuracy.", valueName: "score"))
  var threshold: Double?

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
      throw CommandFailure("\(name) cannot be read as text in UTF-8. Check the path.")
    }
    let comparisons: [Comparison]
    do throws(ScoreFile.Failure) {
      comparisons = try ScoreFile.parse(text)
    } catch { throw CommandFailure("\(name): \(Self.words(error))") }
    guard let evaluation = Evaluation(comparisons, threshold: threshold) else {
      throw CommandFailure("\(name) lacks genuine or impostor pairs.")
    }
    let report = EvaluationReport(evaluation)
    if evaluation.roc.auc < 0.5 {
      output.note(
        "warning: impostor pairs score higher than genuine ones (AUC \(report.auc)): if the column holds "
          + "distances, give their negatives")
    }
    output.summary(report) { report.text }
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
      "line \(line) has \(found) fields where the first line names \(expected)."
    case .value(let line, let column, let text):
      "line \(line): \"\(text)\" is no \(column)"
        + (column == "genuine" ? "; it must be 1 or 0." : "; it must be a number.")
    case .oneSided(let genuine, let impostor):
      "it has \(genuine) genuine and \(impostor) impostor pairs; both are needed."
    }
  }
}

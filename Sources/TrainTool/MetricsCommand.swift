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

  @Argument(help: ArgumentHelp("The file of scores.", valueName: "scores.csv"))
  var file: String

  @Option(help: ArgumentHelp("Take this threshold for the accuracy.", valueName: "score"))
  var threshold: Double?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard threshold?.isFinite ?? true else { throw ValidationError("--threshold must be finite.") }
  }

  func run() async throws {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
      throw CommandFailure("\(file) cannot be read as text. Check the path.")
    }
    let comparisons: [Comparison]
    do throws(ScoreFile.Failure) {
      comparisons = try ScoreFile.parse(text)
    } catch { throw CommandFailure("\(file): \(Self.words(error))") }
    guard let evaluation = Evaluation(comparisons, threshold: threshold) else {
      throw CommandFailure("\(file) lacks genuine or impostor pairs.")
    }
    let report = EvaluationReport(evaluation)
    output.summary(report) { report.text }
  }

  private static func words(_ failure: ScoreFile.Failure) -> String {
    switch failure {
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

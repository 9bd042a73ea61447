import ArgumentParser
import CommandSupport
import Neural
import Plots
import Report
import Train

/// `train predict`.
struct PredictCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Says whether two photographs show the same person.",
    discussion: """
      The photographs are cropped and resampled as the images that the run was trained on. The \
      threshold is the one that train evaluate chose last. With --report there is a page with the \
      output of every layer and the pixels that the score depends on.
      """)

  @Argument(help: "The first photograph.")
  var first: String

  @Argument(help: "The second photograph.")
  var second: String

  @OptionGroup var options: RecognitionOptions

  // A score may be negative and must not be parsed as the name of an option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The lowest score of one person.", valueName: "score"))
  var threshold: Double?

  @Option(help: ArgumentHelp("Write a page of pictures into this folder.", valueName: "dir"))
  var report: String?

  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let same: Bool
    let score: Double
    let threshold: Double
    let thresholdFrom: String
    @OrNull var report: String?
  }

  func validate() throws {
    guard threshold?.isFinite ?? true else { throw ValidationError("--threshold must be finite.") }
  }

  func run() async throws {
    let parts = try options.open(output)
    let (limit, source) = try chosenThreshold(parts)
    let (left, right) = (try parts.reader.pixels(first), try parts.reader.pixels(second))
    let rows = try parts.embedder.embeddings(of: [left, right])
    let score = Double(parts.embedder.rule.scores(rows, pairs: [(left: 0, right: 1)])[0])
    guard score.isFinite else {
      throw CommandFailure("The score is not finite: the training of \(options.run) has diverged.")
    }
    var summary = Summary(
      same: score >= limit, score: score, threshold: limit, thresholdFrom: source)
    summary.report = try report.map { folder in
      let observation = try Observation(
        run: parts.folder, recipe: parts.recipe, left: left, right: right)
      return try PageFiles.write(
        ObservationPage(observation, parts.embedder.shape, left: left, right: right).page(
          title: "\(summary.same ? "Same" : "Different") person, score \(Figures.threshold(score))",
          subtitle: "\(first) and \(second), run \(options.run)"), to: folder)
    }
    let page = summary.report.map { "\nthe report is in \($0)" } ?? ""
    output.summary(summary) {
      "\(summary.same ? "same" : "different") person: score \(Figures.threshold(score)), threshold "
        + "\(Figures.threshold(limit)) (\(source))" + page
    }
  }

  private func chosenThreshold(_ parts: RecognitionOptions.Parts) throws -> (Double, String) {
    if let threshold { return (threshold, "given") }
    let folder = parts.folder
    guard let tuned = TunedThreshold.read(folder, weights: parts.embedder.scorerDigest) else {
      throw CommandFailure(
        "The run in \(folder.path) has no threshold yet. Choose one with train evaluate --run "
          + "\(folder.path), or give one with --threshold.")
    }
    return (tuned.threshold, "from \(tuned.from) of \(tuned.protocol)")
  }
}

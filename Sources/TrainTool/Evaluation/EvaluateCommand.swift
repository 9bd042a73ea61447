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
    abstract: "Tests a run, or embeddings of any network, on a protocol.",
    discussion: """
      The threshold is chosen on the validation pairs, or on the training pairs if there are \
      none. With folds, each fold's threshold comes from the others. Where there are no such pairs, \
      it is chosen on the tested pairs, and a warning says that the accuracy is too high.
      """)

  @OptionGroup var tested: TestedOptions

  @OptionGroup var store: ShardsOptions

  @OptionGroup var protocolOptions: TestedProtocolOptions

  // A score may be negative and must not be parsed as the name of an option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Use this threshold.", valueName: "score"))
  var threshold: Double?

  @Option(
    help: ArgumentHelp(
      "Also the figures of each part of the pairs; may be repeated.",
      valueName: "pose|face-found|dataset"))
  var slice: [PairSlice] = []

  @Option(
    help: ArgumentHelp(
      "report: also the figures without the pairs whose label is known to be wrong.",
      valueName: "keep|report"))
  var errata = ErrataChoice.keep

  @Option(
    help: ArgumentHelp(
      "The directory of the report; by default RUN/reports/PROTOCOL, or FILE-PROTOCOL.",
      valueName: "dir"))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Also write every test pair with its score into this file.", valueName: "file.csv"))
  var scores: String?

  @Flag(help: "Write no pictures of people into the report.")
  var noPictures = false

  @Option(
    help: ArgumentHelp(
      "The map of embeddings in the report: two principal components, or t-SNE.",
      valueName: "pca|tsne"))
  var map = MapChoice.pca

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  /// The use of pairs whose label is known to be wrong.
  enum ErrataChoice: String, ExpressibleByArgument, CaseIterable {
    case keep
    case report
  }

  /// The method of the map of embeddings.
  enum MapChoice: String, ExpressibleByArgument, CaseIterable {
    case pca
    case tsne
  }

  func validate() throws {
    guard threshold?.isFinite ?? true else { throw ValidationError("--threshold must be finite.") }
    guard !noPictures || map == .pca else {
      throw ValidationError("--map needs the pictures that --no-pictures leaves out.")
    }
  }

  func run() async throws {
    let catalog = try store.open(output)
    let subject = try TestSubject(tested, catalog: catalog, protocolName: protocolOptions.name)
    guard subject.kind != "one-shot" || (slice.isEmpty && threshold == nil && errata == .keep)
    else {
      throw ValidationError(
        "\(subject.protocolName) is a list of trials: it has no threshold, slices or errata.")
    }
    _ = try threads.start()
    let test = try subject.test(allowsContaminated: protocolOptions.allowContaminated)
    let warnings =
      subject.warnings(test.contamination, isClosedSet: test.isClosedSet)
      + [threshold == nil ? tuningWarning(test) : nil].compactMap(\.self)
    for warning in warnings { output.note("warning: \(warning)") }
    let folder = report ?? subject.reportFolder(of: test.summary.name)
    for path in [scores, "\(folder)/scores.csv"].compactMap(\.self) {
      try ReportFile.write(Self.scoreTable(test), to: path)
    }
    if subject.run != nil {
      try EmbeddingFile.write(
        test.embeddings, catalog: catalog, to: "\(folder)/embeddings.safetensors",
        facts: ["store": catalog.digest(), "protocol": test.summary.name])
    }
    let writer = ReportWriter(
      catalog: catalog, test: test, subject: subject, warnings: warnings,
      showsPeople: !noPictures, usesNeighbours: map == .tsne, folder: folder)
    if test.summary.kind == "one-shot" {
      return try reportTrials(
        test, subject, writer,
        isContaminated: subject.isContaminated(
          test.contamination, isClosedSet: test.isClosedSet))
    }
    try reportVerification(test, subject, writer, catalog)
  }

  private func reportVerification(
    _ test: ProtocolTest, _ subject: TestSubject, _ writer: ReportWriter, _ catalog: Catalog
  ) throws {
    guard let evaluation = Evaluation(test.comparisons, tuning: test.tuning, threshold: threshold)
    else { throw TrainError.nothingToTest(protocol: test.summary.name) }
    if evaluation.thresholdSource == .sameComparisons {
      output.note(
        "warning: the threshold was chosen on the tested pairs themselves, so the accuracy is too high: "
          + Self.words(test.tuningFault))
    }
    var figures = EvaluationReport(
      evaluation,
      bootstrap: IdentityBootstrap(
        test.comparisons, identities: test.identityNumbers, isCorrect: evaluation.isCorrect,
        isMeanOverFolds: evaluation.folds > 0))
    figures.closedSet = test.isClosedSet
    figures.weights = test.embeddings.scorerDigest
    figures.score = test.embeddings.rule.title
    figures.report = "\(writer.folder)/index.html"
    figures.loss = test.loss.map { Figures.rounded(Double($0)) }
    figures.contaminated = subject.isContaminated(
      test.contamination, isClosedSet: test.isClosedSet)
    figures.slices = try slices(test, evaluation, catalog)
    figures.withoutErrata = withoutErrata(test, evaluation)
    let page = try writer.write(figures, evaluation)
    try ReportFile.write(
      JSONLine.encode("evaluation", figures) + "\n", to: "\(writer.folder)/evaluation.json")
    if let run = subject.run?.folder, let weights = test.embeddings.scorerDigest,
      evaluation.thresholdSource.isTuned,
      figures.contaminated == false
    {
      try TunedThreshold(
        threshold: evaluation.threshold, from: figures.thresholdFrom, protocol: test.summary.name,
        weights: weights
      ).write(to: run)
      output.note(
        "train predict takes the threshold \(Figures.threshold(evaluation.threshold)) from now on")
    }
    output.summary(figures) { Self.text(figures, page: page, test: test) }
  }

  /// Why the threshold was chosen on the tested pairs.
  private static func words(_ fault: ProtocolTest.TuningFault?) -> String {
    switch fault {
    case .missingEmbeddings: "images of the validation or training pairs have no embedding"
    case .oneKind(let name): "\(name) are all genuine or all impostor pairs"
    case nil: "the protocol has neither validation nor training pairs"
    }
  }

  /// A warning if the network was trained on the pairs that choose the threshold, although they are
  /// there to validate; `nil` if not.
  private func tuningWarning(_ test: ProtocolTest) -> String? {
    guard let seen = test.tuningContamination else { return nil }
    if !test.isClosedSet && seen.identities > 0 {
      return
        "the run was trained on \(seen.identities) of the people in the validation pairs, so the "
        + "threshold that is chosen on them does not fit other people"
    }
    guard seen.images > 0 else { return nil }
    return "the run was trained on \(seen.images) of the images in the validation pairs, so the "
      + "threshold that is chosen on them does not fit other images"
  }

  private static func text(_ figures: EvaluationReport, page: String, test: ProtocolTest) -> String
  {
    var parts = [figures.rows.asLines]
    if !figures.slices.isEmpty {
      parts.append(
        TextTable(EvaluationReport.sliceHeading, EvaluationReport.rows(figures.slices)).text)
    }
    if let without = figures.withoutErrata {
      let left = test.pairs.count - without.genuine - without.impostor
      parts.append(
        "without \(counted(left, "pair", "pairs")) whose label the errata call wrong, which is "
          + "not the official figure:\n"
          + TextTable(EvaluationReport.sliceHeading, EvaluationReport.rows([without])).text)
    }
    parts.append("the report is in \(page)")
    return parts.joined(separator: "\n\n")
  }

  private func reportTrials(
    _ test: ProtocolTest, _ subject: TestSubject, _ writer: ReportWriter, isContaminated: Bool?
  ) throws {
    guard let ways = OneShotProtocol.ways(of: test.summary),
      let evaluation = OneShotEvaluation(test.comparisons, ways: ways)
    else { throw TrainError.nothingToTest(protocol: test.summary.name) }
    var figures = OneShotReport(evaluation)
    figures.closedSet = test.isClosedSet
    figures.contaminated = isContaminated
    figures.weights = test.embeddings.scorerDigest
    let page = try writer.write(figures)
    try ReportFile.write(
      JSONLine.encode("evaluation", figures) + "\n", to: "\(writer.folder)/evaluation.json")
    output.summary(figures) { "\(figures.rows.asLines)\n\nthe report is in \(page)" }
  }

  private func slices(
    _ test: ProtocolTest, _ evaluation: Evaluation, _ catalog: Catalog
  ) throws -> [EvaluationReport.Slice] {
    var found: [EvaluationReport.Slice] = []
    for kind in slice {
      let faces = kind == .faceFound ? try catalog.faceCounts() : [:]
      let names = test.slices(kind, faces: faces)
      for name in Set(names).sorted() {
        found += [
          EvaluationReport.Slice(
            "\(kind.rawValue): \(name)", evaluation, test.comparisons,
            where: names.map { $0 == name })
        ].compactMap(\.self)
      }
    }
    return found
  }

  private func withoutErrata(
    _ test: ProtocolTest, _ evaluation: Evaluation
  ) -> EvaluationReport.Slice? {
    guard errata == .report else { return nil }
    let wrong = test.hasWrongLabel
    if !wrong.contains(true) {
      output.note("no pair of the protocol has a label known to be wrong")
    }
    return EvaluationReport.Slice(
      "without errata", evaluation, test.comparisons, where: wrong.map(!))
  }

  /// The dataset and the name of an identity: two datasets may have one name.
  private static func person(_ image: ImageKey?) -> String {
    image.map { "\($0.dataset)/\($0.identity)" } ?? ""
  }

  /// The test pairs with their scores, as train metrics reads them.
  private static func scoreTable(_ test: ProtocolTest) -> String {
    var text = CSVTable.line([
      "score", "genuine", "fold", "left", "right", "left_identity", "right_identity",
    ])
    for (pair, comparison) in zip(test.pairs, test.comparisons) {
      let (left, right) = (test.images[pair.left], test.images[pair.right])
      text += CSVTable.line(
        [
          "\(comparison.score)", comparison.isGenuine ? "1" : "0", "\(comparison.fold)",
          left?.path ?? "", right?.path ?? "", Self.person(left), Self.person(right),
        ])
    }
    return text
  }
}

extension PairSlice: ExpressibleByArgument {}

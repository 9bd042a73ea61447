import ArgumentParser
import CommandSupport
import Dispatch
import Evaluate
import Plots
import Report
import Train

/// `train all-vs-all`.
struct AllVsAllCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all-vs-all",
    abstract: "Compares every tested image with every other one, each pair once.",
    discussion: """
      13,233 images are 87.5 million comparisons. With --every-sample all images of the store are \
      compared, whether they are tested or not.
      """)

  @OptionGroup var tested: TestedOptions
  @OptionGroup var store: ShardsOptions
  @OptionGroup var protocolOptions: TestedProtocolOptions

  @Flag(help: "Compare all images of the store; a run must not have been trained on it.")
  var everySample = false

  @Option(
    help: ArgumentHelp("The folder of the report; beside that of evaluate.", valueName: "dir"))
  var report: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let samples: Int
    let genuine: Int
    let impostor: Int
    let eer: Double
    let eerThreshold: Double
    let auc: Double
    @OrNull var dPrime: Double?
    let tarAtFar: [EvaluationReport.Rate]
    let seconds: Double
    let scoringSeconds: Double
    let closedSet: Bool
    @OrNull var contaminated: Bool?

    var rows: [[String]] {
      Figures.markRows(closedSet: closedSet, contaminated: contaminated) + [
        ["samples", "\(samples)"], ["genuine pairs", "\(genuine)"],
        ["impostor pairs", "\(impostor)"],
        ["EER", "\(Figures.rate(eer)) at \(Figures.threshold(eerThreshold))"],
        ["AUC", Figures.rate(auc)], ["d'", Figures.rate(dPrime)],
      ]
        + tarAtFar.map {
          ["TAR at FAR \($0.far)", $0.tar.map(Figures.rate) ?? "- (\($0.reason ?? ""))"]
        } + [["seconds", "\(seconds), of which scoring \(scoringSeconds)"]]
    }
  }

  func validate() throws {
    guard !everySample || protocolOptions.name == nil else {
      throw ValidationError("--every-sample and --protocol exclude each other.")
    }
  }

  func run() async throws {
    let start = DispatchTime.now().uptimeNanoseconds
    let catalog = try store.open(output)
    let subject = try TestSubject(
      tested, catalog: catalog, protocolName: protocolOptions.name, needsProtocol: !everySample)
    _ = try threads.start()
    let samples = try subject.samples(
      allowsContaminated: protocolOptions.allowContaminated, everySample: everySample)
    let warnings = subject.warnings(samples.contamination, isClosedSet: samples.isClosedSet)
    for note in samples.notes { output.note("warning: \(note)") }
    for warning in warnings { output.note("warning: \(warning)") }
    let embeddings = try subject.embeddings(of: samples.table.ids)
    let scoring = DispatchTime.now().uptimeNanoseconds
    guard let roc = try AllAgainstAll.roc(embeddings, samples.table) else {
      throw CommandFailure(
        "Among the \(samples.table.ids.count) images of \(samples.name) there are no two of one person, "
          + "or no two people.")
    }
    func seconds(since start: UInt64) -> Double {
      (Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6).rounded() / 1e3
    }
    let scoringSeconds = seconds(since: scoring)
    let figures = Summary(
      samples: samples.table.ids.count, genuine: roc.genuine, impostor: roc.impostor,
      eer: Figures.rounded(roc.equalError.rate), eerThreshold: roc.equalError.threshold,
      auc: Figures.rounded(roc.auc), dPrime: SensitivityIndex.of(roc).map(Figures.rounded),
      tarAtFar: [0.01, 0.001, 0.0001].map {
        EvaluationReport.Rate(
          far: $0, roc.point(atFAR: $0), genuine: roc.genuine, impostor: roc.impostor)
      }, seconds: seconds(since: start), scoringSeconds: scoringSeconds,
      closedSet: samples.isClosedSet,
      contaminated: subject.isContaminated(samples.contamination, isClosedSet: samples.isClosedSet))
    let path = try write(
      figures, roc, subject: subject, what: samples.name, warnings: warnings,
      rule: embeddings.rule.title)
    output.summary(figures) { figures.rows.asLines + "\n\nthe report is in \(path)" }
  }

  private func write(
    _ figures: Summary, _ roc: ROC, subject: TestSubject, what: String, warnings: [String],
    rule: String
  ) throws -> String {
    var page = EvaluationPage(
      title: subject.title("\(what), all against all")
        + (figures.closedSet ? " (closed set)" : ""), subtitle: subject.subtitle,
      figures: [
        EvaluationPage.Figures(title: "Figures", heading: ["figure", "value"], rows: figures.rows)
      ])
    page.warnings = warnings.sentences
    page.plots = ScorePlots(roc).all
    page.facts = subject.facts(rule: rule)
    return try PageFiles.write(
      page, to: report ?? subject.reportFolder(of: "\(subject.protocolName)-all-vs-all"))
  }
}

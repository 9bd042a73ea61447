import ArgumentParser
import CSV
import CommandSupport
import Dispatch
import Evaluate
import Foundation
import Neural
import Plots
import Report
import Train

/// `train one-vs-all`.
struct OneVsAllCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "one-vs-all",
    abstract: "Lets every probe claim to be every person: verification and identification.",
    discussion: """
      The probes are the tested images. The score of a claim is the highest with a template of the \
      claimed person; a probe is never its own template, and genuine and impostor claims have the \
      same number of templates unless --templates all is given.
      """)

  @OptionGroup var tested: TestedOptions
  @OptionGroup var store: ShardsOptions
  @OptionGroup var protocolOptions: TestedProtocolOptions

  @Option(
    help: ArgumentHelp(
      "Templates of each person: a number, all, or equal for as many as every person has.",
      valueName: "equal|all|n"))
  var templates = TemplateChoice(.equal)

  @Option(
    help: ArgumentHelp(
      "The images of the templates: the other tested ones, or those of the training side.",
      valueName: "test|train"))
  var gallery = GalleryChoice.test

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Thresholds of the table, separated by commas; report for those of the CFPW report.",
      valueName: "list"))
  var thresholds: ThresholdList?

  @Option(
    help: ArgumentHelp("The folder of the report; beside that of evaluate.", valueName: "dir"))
  var report: String?

  @Option(
    parsing: .unconditional, help: "The seed of the choice among more images than templates.")
  var seed = 0

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  /// The images of the templates.
  enum GalleryChoice: String, ExpressibleByArgument, CaseIterable {
    case test
    case train
  }

  /// The number of templates.
  struct TemplateChoice: ExpressibleByArgument {
    let value: OneVsAll.Templates

    init(_ value: OneVsAll.Templates) { self.value = value }

    init?(argument: String) {
      switch argument {
      case "equal": value = .equal
      case "all": value = .all
      default:
        guard let count = Int(argument), (1...1_000_000).contains(count) else { return nil }
        value = .fixed(count)
      }
    }

    var defaultValueDescription: String { "equal" }
  }

  func run() async throws {
    let start = DispatchTime.now().uptimeNanoseconds
    let catalog = try store.open(output)
    let subject = try TestSubject(tested, catalog: catalog, protocolName: protocolOptions.name)
    _ = try threads.start()
    let samples = try subject.samples(allowsContaminated: protocolOptions.allowContaminated)
    let claims = try OneVsAll(
      samples, usesTraining: gallery == .train, templates: templates.value, seed: seed)
    let warnings = note(samples, claims, subject)
    let embeddings = try subject.embeddings(of: Array(claims.samples))
    try checkThresholds(embeddings.rule)
    let scoring = DispatchTime.now().uptimeNanoseconds
    let matrix = try claims.score(embeddings)
    guard let roc = matrix.roc else { preconditionFailure("a gallery has two people") }
    let end = DispatchTime.now().uptimeNanoseconds
    let rows = (thresholds?.values ?? Self.defaultThresholds(roc)).map {
      CountReport.Row(threshold: $0, roc.decisions(at: $0))
    }
    let figures = ClaimsReport(
      matrix, roc,
      templates: ClaimsReport.Templates(
        rule: "\(templates.value)", gallery: gallery.rawValue, count: claims.templates, seed: seed),
      seconds: Double(end - start) / 1e9,
      scoringSeconds: Double(end - scoring) / 1e9, closedSet: samples.isClosedSet,
      contaminated: subject.isContaminated(samples.contamination, isClosedSet: samples.isClosedSet))
    let page = try write(
      figures, rows, matrix, roc, subject: subject, warnings: warnings, rule: embeddings.rule.title)
    for row in rows { output.line("threshold", row) }
    output.summary(figures) {
      TextTable(CountReport.heading, rows.map(\.cells)).text + "\n\n" + figures.rows.asLines
        + "\n\nthe report is in \(page)"
    }
  }

  /// Tells what the reader of the results should know.
  ///
  /// - Returns: the warnings.
  private func note(
    _ samples: TestedSamples, _ claims: OneVsAll, _ subject: TestSubject
  ) -> [String] {
    let warnings = subject.warnings(samples.contamination, isClosedSet: samples.isClosedSet)
    for warning in samples.notes + warnings { output.note("warning: \(warning)") }
    if claims.leftOut > 0 {
      output.note("left out: \(counted(claims.leftOut, "person", "people")) with too few images")
    }
    return warnings
  }

  private func checkThresholds(_ rule: ScoreRule) throws {
    if thresholds?.isReport == true, case .distance = rule {
      throw CommandFailure(
        "The thresholds of the report are probabilities, and the score is "
          + "\(rule.title). Give --thresholds as a list.")
    }
  }

  /// The thresholds of round false acceptance rates that can be measured.
  private static func defaultThresholds(_ roc: ROC) -> [Double] {
    let rates = [1e-5, 1e-4, 1e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5]
    let found = rates.compactMap { roc.point(atFAR: $0)?.threshold }.filter(\.isFinite)
    return Set(found).sorted(by: >)
  }

  private func write(
    _ figures: ClaimsReport, _ rows: [CountReport.Row], _ matrix: ClaimMatrix, _ roc: ROC,
    subject: TestSubject, warnings: [String], rule: String
  ) throws -> String {
    var page = EvaluationPage(
      title: subject.title("\(subject.protocolName), one against all")
        + (figures.closedSet ? " (closed set)" : ""), subtitle: subject.subtitle,
      figures: [
        EvaluationPage.Figures(title: "Figures", heading: ["figure", "value"], rows: figures.rows),
        EvaluationPage.Figures(
          title: "Thresholds",
          text: "GA and FR are genuine claims accepted and rejected, FA and GR impostor claims.",
          heading: CountReport.heading, rows: rows.map(\.cells)),
      ])
    page.warnings = warnings.sentences
    page.plots = ScorePlots(roc).all + [("cmc.svg", Self.matches(matrix))]
    page.facts = subject.facts(rule: rule)
    return try PageFiles.write(
      page, to: report ?? subject.reportFolder(of: "\(subject.protocolName)-one-vs-all"))
  }

  /// The cumulative match characteristic.
  private static func matches(_ matrix: ClaimMatrix) -> Plot {
    let values = matrix.cumulativeMatches.prefix(50)
    return Plot(
      title: "CMC: the own person among the first ranks", xLabel: "rank",
      yLabel: "fraction of the probes", x: 1...Double(max(2, values.count)), y: 0...1,
      marks: [.line(values.enumerated().map { (Double($0 + 1), $1) }, style: "one")])
  }
}

/// A list of thresholds.
struct ThresholdList: ExpressibleByArgument {
  private let given: [Double]?

  /// The thresholds of the CFPW report, of probabilities.
  ///
  /// Source: appendix G of the report.
  private static let report =
    (-8 ... -5).flatMap { power in
      [1, 3, 5, 7, 9].map { Double($0) * pow(10, Double(power)) }
    }

  init?(argument: String) {
    guard argument != "report" else {
      given = nil
      return
    }
    let values = argument.split(separator: ",").map {
      Double($0.trimmingCharacters(in: .whitespaces))
    }
    let numbers = values.compactMap(\.self).filter(\.isFinite)
    guard !values.isEmpty, numbers.count == values.count else { return nil }
    given = numbers
  }

  /// Whether these are the thresholds of the CFPW report.
  var isReport: Bool { given == nil }

  /// The thresholds of scores; a probability p is the score ln(p / (1 - p)) of a logit.
  var values: [Double] {
    (given ?? Self.report.map { log($0 / (1 - $0)) }).sorted(by: >)
  }
}

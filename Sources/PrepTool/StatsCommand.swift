import ArgumentParser
import Catalog
import CommandSupport
import Datasets
import Foundation
import Report
import Shards

/// `prep stats`.
struct StatsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Counts what the store holds and writes a page about it.")

  @OptionGroup var store: StoreOptions

  @Option(help: ArgumentHelp("The directory of the page; OUT/report by default.", valueName: "dir"))
  var report: String?

  @Flag(help: "Show no pictures of people on the page, to share it.")
  var noPictures = false

  @Option(
    help: ArgumentHelp(
      "Another store; shows what is in one and not in the other.", valueName: "store"))
  var compare: String?

  @OptionGroup var output: OutputOptions

  /// The statistics, and the comparison if one was asked for.
  private struct Summary: Encodable {
    let statistics: DatasetStatistics
    let comparison: StoreComparison?

    private enum CodingKeys: String, CodingKey { case comparison }

    func encode(to encoder: any Encoder) throws {
      try statistics.encode(to: encoder)
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encodeIfPresent(comparison, forKey: .comparison)
    }
  }

  func run() async throws {
    let catalog = try Catalog.open(store.folder)
    let statistics = try DatasetStatistics(catalog)
    let comparison = try compare.map {
      try StoreComparison(catalog, with: Catalog.open(StoreFolder(path: $0)))
    }
    let names = Set(statistics.datasets.map(\.name))
    let facts = try DatasetManifest.all(in: Installation.manifests("datasets"))
      .filter { names.contains($0.name) }.map(DatasetFacts.init)
    let folder = report ?? store.folder.report
    let page = "\(folder)/index.html"
    try ReportFile.write(
      DatasetPage(
        statistics, pictures: noPictures ? nil : catalog, facts: facts, comparison: comparison
      ).html(), to: page)
    let summary = Summary(statistics: statistics, comparison: comparison)
    try ReportFile.write(
      JSONLine.encode("statistics", summary) + "\n", to: "\(folder)/statistics.json")
    for (name, chart) in statistics.charts { try ReportFile.write(chart, to: "\(folder)/\(name)") }
    output.summary(summary) {
      Self.text(statistics)
        + (comparison.map { "\n\n" + TextTable(["files", "number"], $0.rows).text } ?? "")
        + "\nthe report is in \(page)"
    }
  }

  private static func text(_ statistics: DatasetStatistics) -> String {
    let datasets = TextTable(
      ["dataset", "samples", "identities", "rejected", "copies"],
      statistics.datasets.map {
        [$0.name, "\($0.samples)", "\($0.identities)", "\($0.rejections)", "\($0.duplicates)"]
      })
    guard !statistics.protocols.isEmpty else { return datasets.text }
    let isComplete = statistics.protocols.allSatisfy { $0.missing == 0 }
    let protocols = TextTable(
      ["protocol", "side", "samples", "genuine", "impostor"] + (isComplete ? [] : ["missing"]),
      statistics.protocols.map {
        [
          $0.protocol + ($0.fold == 0 ? "" : " fold \($0.fold)"), $0.role, "\($0.samples)",
          "\($0.genuine)", "\($0.impostor)",
        ] + (isComplete ? [] : ["\($0.missing)"])
      })
    return "\(datasets.text)\n\n\(protocols.text)"
  }
}

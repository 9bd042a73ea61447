import ArgumentParser
import Catalog
import CommandSupport
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

  @OptionGroup var output: OutputOptions

  func run() async throws {
    let catalog = try Catalog.open(store.folder)
    let statistics = try DatasetStatistics(catalog)
    let folder = report ?? store.folder.report
    let page = "\(folder)/index.html"
    try ReportFile.write(
      DatasetPage(statistics, pictures: noPictures ? nil : catalog).html(), to: page)
    try ReportFile.write(
      JSONLine.encode("statistics", statistics) + "\n", to: "\(folder)/statistics.json")
    for (name, chart) in statistics.charts { try ReportFile.write(chart, to: "\(folder)/\(name)") }
    output.summary(statistics) { "\(Self.text(statistics))\nthe report is in \(page)" }
  }

  private static func text(_ statistics: DatasetStatistics) -> String {
    let datasets = TextTable(
      ["dataset", "samples", "identities", "rejected", "byte-identical"],
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

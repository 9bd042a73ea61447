import ArgumentParser
import Catalog
import CommandSupport
import Datasets
import Foundation
import Report

/// `prep card`.
struct CardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "card",
    abstract: "Writes a dataset card and a Croissant description of the store.",
    discussion: """
      OUT/card gets README.md, with the front matter that dataset hubs read, and croissant.json with \
      the tables samples.csv and pairs.csv. The SHA-256 of every shard is in croissant.json.
      """)

  @OptionGroup var store: StoreOptions

  @Option(help: ArgumentHelp("The folder of the card; OUT/card by default.", valueName: "dir"))
  var card: String?

  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let card: String
    let shards: Int
  }

  func run() async throws {
    let catalog = try Catalog.open(store.folder)
    let statistics = try DatasetStatistics(catalog)
    let facts = try DatasetManifest.all(in: Installation.manifests("datasets")).map(
      DatasetFacts.init)
    let folder = card ?? "\(store.out)/card"
    try ReportFile.write(
      DatasetCard(statistics, facts: facts).markdown, to: "\(folder)/README.md")
    // Beside the store the shards are found from the card; elsewhere by their full path.
    let shards =
      card == nil
      ? "../shards" : URL(fileURLWithPath: "\(store.out)/shards").standardizedFileURL.path
    try Croissant(catalog, statistics, facts: facts).write(to: folder, shards: shards) {
      try ReportFile.write($0, to: $1)
    }
    let summary = Summary(card: folder, shards: try catalog.shards().count)
    output.summary(summary) { "the card is in \(folder)" }
  }
}

extension DatasetFacts {
  /// What a manifest says of a dataset.
  init(_ manifest: DatasetManifest) {
    self.init(
      name: manifest.name, title: manifest.title, source: manifest.source,
      licence: manifest.licence, citation: manifest.citation)
  }
}

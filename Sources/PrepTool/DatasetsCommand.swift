import ArgumentParser
import CommandSupport
import Datasets

/// `prep datasets`.
struct DatasetsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "datasets",
    abstract: "Lists what is known of each dataset: its source, size, checksums, licence, citation."
  )

  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    let name: String
    let title: String
    @OrNull var source: String?
    @OrNull var samples: Int?
    @OrNull var identities: Int?
    let pattern: String
    /// MD5 of the official lists by name.
    let lists: [String: String]
    @OrNull var licence: String?
    @OrNull var citation: String?

    init(_ manifest: DatasetManifest) {
      name = manifest.name
      title = manifest.title
      pattern = manifest.pattern
      lists = manifest.lists
      source = manifest.source
      samples = manifest.expected?.samples
      identities = manifest.expected?.identities
      licence = manifest.licence
      citation = manifest.citation
    }

    var text: String {
      let size = samples.map { "\($0) images of \(identities ?? 0) people" }
      let rows: [(String, String?)] = [
        ("source", source), ("size", size), ("files", pattern), ("licence", licence),
        ("citation", citation),
      ]
      let facts = rows.compactMap { name, value in
        value.map { "  \(name): \($0)" }
      }
      let sums = lists.sorted { $0.key < $1.key }.map { "  MD5 of \($0.key): \($0.value)" }
      return (["\(name): \(title)"] + facts + sums).joined(separator: "\n")
    }
  }

  private struct Summary: Encodable {
    let datasets: Int
  }

  func run() async throws {
    let lines = try DatasetManifest.all(in: Installation.manifests("datasets")).map(Line.init)
    for line in lines { output.line("dataset", line) }
    output.summary(Summary(datasets: lines.count)) {
      lines.map(\.text).joined(separator: "\n\n")
    }
  }
}

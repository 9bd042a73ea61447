import Foundation

/// The card of a store: Markdown with the front matter that dataset hubs read.
public struct DatasetCard {
  private let statistics: DatasetStatistics
  private let facts: [DatasetFacts]

  /// Creates a card.
  ///
  /// - Parameters:
  ///   - statistics: the statistics of the store.
  ///   - facts: what is known of its datasets.
  public init(_ statistics: DatasetStatistics, facts: [DatasetFacts]) {
    self.statistics = statistics
    self.facts = facts
  }

  /// Removes the card and the files of its description, if they are there.
  public static func removeFiles(from folder: String) {
    for file in ["README.md", "croissant.json", "samples.csv", "pairs.csv"] {
      unlink("\(folder)/\(file)")
    }
  }

  private var samples: Int { statistics.datasets.reduce(0) { $0 + $1.samples } }

  /// The range of the number of samples, as dataset hubs name it.
  private var sizeCategory: String {
    switch samples {
    case ..<1_000: "n<1K"
    case ..<10_000: "1K<n<10K"
    case ..<100_000: "10K<n<100K"
    case ..<1_000_000: "100K<n<1M"
    default: "n>1M"
    }
  }

  /// A text as a YAML scalar: JSON strings are YAML.
  private static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }

  /// The name of a store: its datasets.
  static func name(_ statistics: DatasetStatistics) -> String {
    statistics.datasets.map(\.name).joined(separator: " and ") + " as samples for face verification"
  }

  /// The text of the card.
  public var markdown: String {
    var lines = [
      "---", "pretty_name: \(Self.quoted(Self.name(statistics)))", "license: other",
      "license_name: see-below", "task_categories:", "- image-classification",
      "- image-feature-extraction", "tags:", "- face-verification", "size_categories:",
      "- \(sizeCategory)", "---", "", "# \(Self.name(statistics))", "",
      "\(samples.grouped) samples, made by `prep ingest`; the digest of the store is "
        + "`\(statistics.digest)`.", "",
      "| dataset | samples | identities | rejected |", "|---|---|---|---|",
    ]
    lines += statistics.datasets.map {
      "| \($0.name) | \($0.samples.grouped) | \($0.identities.grouped) | \($0.rejections.grouped) |"
    }
    lines += ["", "## Samples", "", "Ingest configuration: `\(statistics.configuration)`", ""]
    lines += protocols + sources
    lines += [
      "## Personal data", "",
      "The images show real people. Names are identities of the original datasets. Whoever passes the "
        + "samples on is responsible for the right to do so; `prep stats --no-pictures` makes a page "
        + "that shows nobody.", "",
    ]
    return lines.joined(separator: "\n")
  }

  private var protocols: [String] {
    guard !statistics.protocols.isEmpty else { return [] }
    let rows = statistics.protocols.map {
      "| \($0.protocol) | \($0.fold == 0 ? "-" : "\($0.fold)") | \($0.role) | \($0.samples.grouped) | "
        + "\($0.genuine.grouped) | \($0.impostor.grouped) |"
    }
    return [
      "## Protocols", "", "| protocol | fold | side | samples | genuine pairs | impostor pairs |",
      "|---|---|---|---|---|---|",
    ] + rows + [""]
  }

  private var sources: [String] {
    let known = facts.filter { fact in statistics.datasets.contains { $0.name == fact.name } }
    guard !known.isEmpty else { return [] }
    return ["## Sources", ""]
      + known.flatMap { fact in
        [
          "**\(fact.title)**" + (fact.source.map { ", \($0)" } ?? "") + ".",
          fact.licence.map { "Licence: \($0)" }, fact.citation.map { "Citation: \($0)" }, "",
        ].compactMap(\.self)
      }
  }
}

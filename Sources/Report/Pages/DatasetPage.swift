import Catalog
import Plots

extension DatasetStatistics {
  /// The statistics as a page in one HTML file.
  public func html() throws -> String {
    try Page(
      title: "Dataset statistics", subtitle: "\(store), digest \(digest)",
      sections: [overview] + datasets.map(section)
        + [rejected, duplicates, comparisons, people, mostCompared, findings].compactMap(\.self)
    ).render()
  }

  private var overview: Page.Section {
    let rows = datasets.map {
      [
        $0.name, "\($0.samples)", "\($0.identities)", "\($0.identitiesWithTwo)",
        "\($0.rejections)", "\($0.duplicates)",
      ]
    }
    return Page.Section(
      title: "What there is", text: "Ingest configuration: \(configuration)",
      table: Page.Table(
        heading: [
          "dataset", "samples", "identities", "with two or more", "rejected", "byte-identical",
        ], rows: rows))
  }

  static func samplesPerIdentity(_ dataset: Dataset) -> Plot {
    let most = dataset.samplesPerIdentity.map(\.samples).max() ?? 1
    let highest = dataset.samplesPerIdentity.map(\.identities).max() ?? 1
    // If there are many different counts, several share a bar, so that a bar is wide enough to see.
    let width = max(1, (most + 59) / 60)
    let bars = Dictionary(grouping: dataset.samplesPerIdentity) { ($0.samples - 1) / width }
      .map {
        (x: Double($0.key * width) + 0.5, y: Double($0.value.reduce(0) { $0 + $1.identities }))
      }
    return Plot(
      title: "Samples per identity", xLabel: "samples", yLabel: "identities",
      x: 0.5...Double(most) + 0.5 + (most == 1 ? 1 : 0),
      y: 0...Double(max(highest, Int(bars.map(\.y).max() ?? 1))),
      marks: [.bars(bars.sorted { $0.x < $1.x }, width: Double(width), style: "one")])
  }

  private func section(_ dataset: Dataset) -> Page.Section {
    Page.Section(
      title: "Dataset \(dataset.name)", text: "The identities with the most samples:",
      table: Page.Table(
        heading: ["identity", "samples"],
        rows: dataset.mostSamples.map { [$0.name, "\($0.samples)"] }),
      plots: [Self.samplesPerIdentity(dataset)])
  }

  private var rejected: Page.Section? {
    guard !rejectionsByReason.isEmpty else { return nil }
    let rows = rejectionsByReason.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return Page.Section(
      title: "Rejected files",
      table: Page.Table(heading: ["reason", "files"], rows: rows.map { [$0.key, "\($0.value)"] }))
  }

  private var comparisons: Page.Section? {
    guard !protocols.isEmpty else { return nil }
    return Page.Section(
      title: "Protocols",
      table: Page.Table(
        heading: [
          "protocol", "fold", "side", "samples", "genuine pairs", "impostor pairs", "missing",
        ],
        rows: protocols.map {
          [
            $0.protocol, $0.fold == 0 ? "none" : "\($0.fold)", $0.role, "\($0.samples)",
            "\($0.genuine)", "\($0.impostor)", "\($0.missing)",
          ]
        }))
  }

  private var duplicates: Page.Section? {
    guard !duplicatesByKind.isEmpty else { return nil }
    let counts = duplicatesByKind.sorted { $0.key < $1.key }.map {
      "\($0.key): \($0.value.within) within an identity, \($0.value.across) across"
    }
    return Page.Section(
      title: "Samples like an earlier one", text: counts.joined(separator: "; "),
      table: Page.Table(
        heading: ["kind", "file", "and file", "bits apart"],
        rows: duplicatesAcross.map {
          [
            $0.kind.rawValue, $0.earlier.path, $0.later.path, "\($0.distance)",
          ]
        }))
  }

  private var people: Page.Section? {
    let sides = analyses.flatMap { analysis in
      analysis.roles.sorted { $0.key < $1.key }.map { (analysis.protocol, $0.key, $0.value) }
    }
    guard !sides.isEmpty else { return nil }
    func row(_ side: (String, String, PairAnalysis), _ of: String, _ n: PairAnalysis.Overlap)
      -> [String]
    {
      [side.0, side.1, of, "\(n.genuine)", "\(n.impostor)", "\(n.both)", "\(n.all)"]
    }
    return Page.Section(
      title: "Who is compared",
      text: "People and images in genuine pairs, in impostor pairs, in both, in any.",
      table: Page.Table(
        heading: ["protocol", "side", "of", "genuine", "impostor", "both", "any"],
        rows: sides.flatMap { [row($0, "people", $0.2.people), row($0, "images", $0.2.images)] }))
  }

  private var mostCompared: Page.Section? {
    let rows = analyses.flatMap { analysis in
      analysis.roles.sorted { $0.key < $1.key }.map { role, figures in
        [
          analysis.protocol, role, Self.names(figures.mostGenuine),
          Self.names(figures.mostImpostor),
        ]
      }
    }
    guard !rows.isEmpty else { return nil }
    return Page.Section(
      title: "Who is compared most",
      text: "By the number of pairs, then by name; statistics.json has more of them.",
      table: Page.Table(
        heading: ["protocol", "side", "genuine pairs", "impostor pairs"], rows: rows))
  }

  private static func names(_ appearances: [PairAnalysis.Appearance]) -> String {
    appearances.prefix(namedAppearances).map { "\($0.name) \($0.pairs)" }.joined(separator: ", ")
  }

  /// Number of most frequent names on the page; the JSON has more.
  private static let namedAppearances = 3

  private var findings: Page.Section? {
    let rows = analyses.flatMap { analysis in
      Finding.Kind.allCases.compactMap { kind in
        analysis.findings[kind.rawValue].map {
          [analysis.protocol, kind.rawValue, kind.isLeak ? "yes" : "no", "\($0)"]
        }
      }
        + (analysis.missing > 0
          ? [[analysis.protocol, "missing", "no", "\(analysis.missing)"]] : [])
    }
    guard !rows.isEmpty else { return nil }
    return Page.Section(
      title: "What to know of the protocols",
      text: "Each of them stands in the catalog's view findings.",
      table: Page.Table(heading: ["protocol", "finding", "a leak", "how many"], rows: rows))
  }
}

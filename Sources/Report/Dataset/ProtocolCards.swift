import Catalog

/// The parts of a dataset page about its protocols, one for each.
struct ProtocolCards {
  private let statistics: DatasetStatistics
  private let pictures: DatasetPictures?

  /// Number of findings shown as pictures, and of names listed of each kind; the JSON has more.
  private static let (shown, named) = (12, 10)

  init(_ statistics: DatasetStatistics, _ pictures: DatasetPictures? = nil) {
    self.statistics = statistics
    self.pictures = pictures
  }

  /// The id of the part about a protocol.
  static func id(_ name: String) -> String {
    "protocol-" + name.utf8.map { String($0, radix: 16) }.joined()
  }

  var sections: [Page.Section] {
    get throws { try statistics.analyses.flatMap(card) }
  }

  private func card(_ analysis: DatasetStatistics.Analysis) throws -> [Page.Section] {
    let findings = Finding.Kind.allCases.compactMap { kind -> Page.Finding? in
      guard let count = analysis.findings[kind.rawValue] else { return nil }
      return Page.Finding(
        level: kind.isLeak ? .wrong : .notice, text: "\(Self.words(kind, count)).")
    }
    let name = analysis.protocol
    return [
      Page.Section(
        title: "Protocol \(name.isolated)", id: Self.id(name), findings: findings,
        text: findings.isEmpty
          ? "Its audit found nothing."
          : "Each finding is a line of the view findings: SELECT * FROM findings WHERE protocol = "
            + "'\(name.replacing("'", with: "''"))'",
        table: sides(name), exhibits: try evidence(analysis))
    ] + people(analysis)
  }

  private func sides(_ name: String) -> Page.Table {
    let sides = statistics.protocols.filter { $0.protocol == name }
    let isComplete = sides.allSatisfy { $0.missing == 0 }
    return Page.Table(
      heading: ["side", "samples", "genuine pairs", "impostor pairs"]
        + (isComplete ? [] : ["missing"]),
      rows: sides.map {
        [
          $0.role + ($0.fold == 0 ? "" : ", fold \($0.fold)"), $0.samples.grouped,
          $0.genuine.grouped, $0.impostor.grouped,
        ] + (isComplete ? [] : [$0.missing.grouped])
      })
  }

  /// Findings about two images, as pictures.
  private func evidence(_ analysis: DatasetStatistics.Analysis) throws -> [Page.Exhibit] {
    guard let pictures else { return [] }
    var exhibits: [Page.Exhibit] = []
    for finding in analysis.examples where exhibits.count < Self.shown {
      guard let pair = try pictures.pair(finding.left, finding.right) else { continue }
      exhibits.append(
        Page.Exhibit(
          pictures: pair,
          caption: "\(finding.kind.rawValue): "
            + [finding.left, finding.right].map { $0.shortened().isolated }
            .joined(separator: " and ") + (finding.detail.isEmpty ? "" : ", \(finding.detail)"),
          width: 90))
    }
    return exhibits
  }

  /// Who is compared, and who appears in both kinds of pairs.
  private func people(_ analysis: DatasetStatistics.Analysis) -> [Page.Section] {
    let roles = analysis.roles.sorted { $0.key < $1.key }
    guard !roles.isEmpty else { return [] }
    let name = analysis.protocol.isolated
    return [
      Page.Section(
        title: "Who is compared in \(name)",
        table: Page.Table(
          heading: [
            "side", "of", "in genuine pairs", "in impostor pairs", "in both", "in any",
            "in both, %",
          ],
          rows: roles.flatMap { role, figures in
            [
              Self.row(role, "people", figures.people), Self.row(role, "images", figures.images),
            ]
          })),
      Page.Section(
        title: "Who appears most often in \(name)",
        text: "People by the number of their pairs; \"both\" are those in pairs of both kinds.",
        table: Page.Table(
          heading: ["side", "kind", "identity", "genuine pairs", "impostor pairs"],
          rows: roles.flatMap { Self.most($0.key, $0.value) })),
    ]
  }

  private static func row(_ role: String, _ what: String, _ n: PairAnalysis.Overlap) -> [String] {
    let share = n.all > 0 ? (Double(n.both) / Double(n.all) * 1_000).rounded() / 10 : 0
    return [
      role, what, n.genuine.grouped, n.impostor.grouped, n.both.grouped, n.all.grouped, "\(share)",
    ]
  }

  private static func most(_ role: String, _ figures: PairAnalysis) -> [[String]] {
    figures.mostGenuine.prefix(named).map { [role, "genuine", $0.name, $0.pairs.grouped, ""] }
      + figures.mostImpostor.prefix(named).map {
        [role, "impostor", $0.name, "", $0.pairs.grouped]
      }
      + (figures.mostBoth ?? []).prefix(named).map {
        [role, "both", $0.name, $0.genuine.grouped, $0.impostor.grouped]
      }
  }

  /// A number of findings of one kind in words.
  static func words(_ kind: Finding.Kind, _ count: Int) -> String {
    let one = count == 1
    let words =
      switch kind {
      case .identity: one ? "identity is on two sides" : "identities are on two sides"
      case .file: one ? "file is on two sides" : "files are on two sides"
      case .pixels:
        one
          ? "image with the same pixels is on two sides"
          : "images with the same pixels are on two sides"
      case .near:
        one
          ? "image is nearly the same as one on another side"
          : "images are nearly the same as one on another side"
      case .nameVariant:
        "\(one ? "pair" : "pairs") of similar names on two sides may denote one person"
      case .viewPerson:
        one
          ? "person of the lists for model selection is also in those for reporting"
          : "people of the lists for model selection are also in those for reporting"
      case .viewPair:
        one
          ? "pair of the lists for model selection is also in those for reporting"
          : "pairs of the lists for model selection are also in those for reporting"
      case .repeatedPair: one ? "pair is listed twice" : "pairs are listed twice"
      case .identicalPair:
        one
          ? "pair is of two samples with the same pixels"
          : "pairs are of two samples with the same pixels"
      case .wrongLabel:
        "\(one ? "pair has" : "pairs have") a label that the dataset's errata call wrong"
      case .contradictedLabel:
        "\(one ? "pair has" : "pairs have") a label that contradicts the names"
      case .missingImage: "listed \(one ? "image is" : "images are") not in the store"
      case .forgotten:
        "\(one ? "person was" : "people were") taken out after the protocol was made"
      }
    return "\(count.grouped) \(words)"
  }
}

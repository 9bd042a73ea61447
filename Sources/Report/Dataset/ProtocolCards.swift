import Catalog

/// The parts of a dataset page about its protocols, one for each.
struct ProtocolCards {
  private let statistics: DatasetStatistics

  init(_ statistics: DatasetStatistics) { self.statistics = statistics }

  /// The id of the part about a protocol.
  static func id(_ name: String) -> String {
    "protocol-" + name.utf8.map { String($0, radix: 16) }.joined()
  }

  var sections: [Page.Section] { statistics.analyses.flatMap(card) }

  private func card(_ analysis: DatasetStatistics.Analysis) -> [Page.Section] {
    let sides = statistics.protocols.filter { $0.protocol == analysis.protocol }
    let findings = Finding.Kind.allCases.compactMap { kind -> Page.Finding? in
      guard let count = analysis.findings[kind.rawValue] else { return nil }
      return Page.Finding(
        level: kind.isLeak ? .wrong : .notice, text: "\(count.grouped) \(Self.words(kind)).")
    }
    let parts = [
      Page.Section(
        title: "Protocol \(analysis.protocol)", id: Self.id(analysis.protocol), findings: findings,
        text: findings.isEmpty
          ? "Its audit found nothing."
          : "Each finding is a line of the view findings: SELECT * FROM findings WHERE protocol = "
            + "'\(analysis.protocol.replacing("'", with: "''"))'",
        table: Page.Table(
          heading: ["side", "samples", "genuine pairs", "impostor pairs", "missing"],
          rows: sides.map {
            [
              $0.role + ($0.fold == 0 ? "" : ", fold \($0.fold)"), $0.samples.grouped,
              $0.genuine.grouped, $0.impostor.grouped, $0.missing.grouped,
            ]
          }))
    ]
    return parts + people(analysis)
  }

  /// Who is compared, and who appears in both kinds of pairs.
  private func people(_ analysis: DatasetStatistics.Analysis) -> [Page.Section] {
    let roles = analysis.roles.sorted { $0.key < $1.key }
    guard !roles.isEmpty else { return [] }
    return [
      Page.Section(
        title: "Who is compared in \(analysis.protocol)",
        text: roles.map { Self.most($0.key, $0.value) }.joined(separator: " "),
        table: Page.Table(
          heading: [
            "side", "of", "in genuine pairs", "in impostor pairs", "in both", "in any",
            "in both, %",
          ],
          rows: roles.flatMap { role, figures in
            [
              Self.row(role, "people", figures.people), Self.row(role, "images", figures.images),
            ]
          }))
    ]
  }

  private static func row(_ role: String, _ what: String, _ n: PairAnalysis.Overlap) -> [String] {
    let share = n.all > 0 ? (Double(n.both) / Double(n.all) * 1_000).rounded() / 10 : 0
    return [
      role, what, n.genuine.grouped, n.impostor.grouped, n.both.grouped, n.all.grouped, "\(share)",
    ]
  }

  /// Number of names listed of each kind; the JSON has more.
  private static let named = 5

  private static func most(_ role: String, _ figures: PairAnalysis) -> String {
    func names(_ list: [PairAnalysis.Appearance]) -> String {
      list.prefix(named).map { "\($0.name) \($0.pairs)" }.joined(separator: ", ")
    }
    return
      "Most often in genuine pairs, \(role): \(names(figures.mostGenuine)); in impostor pairs: "
      + "\(names(figures.mostImpostor))."
  }

  private static func words(_ kind: Finding.Kind) -> String {
    switch kind {
    case .identity: "identities are on two sides"
    case .file: "files are on two sides"
    case .pixels: "images with the same pixels are on two sides"
    case .near: "images are nearly the same as one on another side"
    case .nameVariant: "pairs of similar names are on two sides and may denote one person"
    case .viewPerson: "people of the lists for model selection are also in those for reporting"
    case .viewPair: "pairs of the lists for model selection are also in those for reporting"
    case .repeatedPair: "pairs are listed twice"
    case .identicalPair: "pairs are of two samples with the same pixels"
    case .wrongLabel: "pairs have a label that the dataset's errata call wrong"
    case .contradictedLabel: "pairs have a label that contradicts the names"
    case .missingImage: "listed images are not in the store"
    }
  }
}

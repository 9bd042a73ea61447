import Catalog

/// The first part of a dataset page: the most important numbers, and what is wrong.
struct DatasetVerdict {
  private let statistics: DatasetStatistics

  init(_ statistics: DatasetStatistics) { self.statistics = statistics }

  var section: Page.Section {
    let datasets = statistics.datasets
    return Page.Section(
      title: "Verdict",
      tiles: [
        ("samples", datasets.reduce(0) { $0 + $1.samples }.grouped),
        ("identities", datasets.reduce(0) { $0 + $1.identities }.grouped),
        ("rejected", statistics.rejectionsByReason.values.reduce(0, +).grouped),
        (
          "duplicates",
          statistics.duplicatesByKind.values.reduce(0) { $0 + $1.within + $1.across }.grouped
        ), ("leaks", leaks.reduce(0) { $0 + $1.count }.grouped),
      ], findings: findings)
  }

  /// Number of leaks of each protocol that has some.
  private var leaks: [(protocol: String, count: Int)] {
    statistics.analyses.compactMap { analysis in
      let count = Finding.Kind.allCases.filter(\.isLeak).reduce(0) {
        $0 + (analysis.findings[$1.rawValue] ?? 0)
      }
      return count > 0 ? (analysis.protocol, count) : nil
    }
  }

  private var findings: [Page.Finding] {
    let findings = protocolFindings + storeFindings
    return findings.isEmpty
      ? [
        Page.Finding(
          level: .good,
          text: "No leak, no missing image, no duplicate and no rejected file was found.")
      ] : findings
  }

  private func finding(
    _ level: Page.Finding.Level, _ text: String, protocol name: String
  ) -> Page.Finding {
    Page.Finding(
      level: level, text: text, evidence: ProtocolCards.id(name),
      evidenceName: "protocol \(name.isolated)")
  }

  private var protocolFindings: [Page.Finding] {
    var findings = leaks.map { name, count in
      finding(
        .wrong,
        "The protocol \(name.isolated) has \(count.grouped) \(count == 1 ? "leak" : "leaks") "
          + "between its sides.", protocol: name)
    }
    findings += statistics.analyses.filter { $0.missing > 0 }.map {
      finding(
        .wrong,
        "The protocol \($0.protocol.isolated) lacks the images of \($0.missing.grouped) "
          + "\($0.missing == 1 ? "pair" : "pairs").", protocol: $0.protocol)
    }
    for analysis in statistics.analyses {
      for kind in Finding.Kind.allCases where !kind.isLeak && kind != .missingImage {
        guard let count = analysis.findings[kind.rawValue] else { continue }
        findings.append(
          finding(
            .notice,
            "\(analysis.protocol.isolated): \(ProtocolCards.words(kind, count)).",
            protocol: analysis.protocol))
      }
    }
    return findings
  }

  private var storeFindings: [Page.Finding] {
    var findings: [Page.Finding] = []
    let (across, within) = statistics.duplicatesByKind.values.reduce((0, 0)) {
      ($0.0 + $1.across, $0.1 + $1.within)
    }
    if across > 0 {
      findings.append(
        Page.Finding(
          level: .notice,
          text:
            "\(across.grouped) \(across == 1 ? "pair" : "pairs") of samples of two identities "
            + "\(across == 1 ? "is" : "are") alike: the same person under two names, or a wrong name.",
          evidence: "duplicates", evidenceName: "duplicates"))
    }
    if within > 0 {
      findings.append(
        Page.Finding(
          level: .notice,
          text:
            "\(within.grouped) \(within == 1 ? "pair" : "pairs") of samples of one identity "
            + "\(within == 1 ? "is" : "are") alike.", evidence: "duplicates",
          evidenceName: "duplicates"))
    }
    let rejected = statistics.rejectionsByReason.values.reduce(0, +)
    if rejected > 0 {
      findings.append(
        Page.Finding(
          level: .notice,
          text: rejected == 1
            ? "1 file is not among the samples."
            : "\(rejected.grouped) files are not among the samples.",
          evidence: "rejected", evidenceName: "rejected files"))
    }
    if !statistics.corrections.isEmpty {
      findings.append(
        Page.Finding(
          level: .notice,
          text: "\(statistics.corrections.count.grouped) "
            + "\(statistics.corrections.count == 1 ? "sample was" : "samples were") corrected by a list.",
          evidence: "corrections", evidenceName: "corrections"))
    }
    if statistics.protocols.isEmpty {
      findings.append(
        Page.Finding(level: .notice, text: "The store has no protocol yet: prep pairs makes one."))
    }
    return findings
  }
}

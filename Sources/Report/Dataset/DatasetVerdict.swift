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
        ("rejected", datasets.reduce(0) { $0 + $1.rejections }.grouped),
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
    var findings = leaks.map { name, count in
      Page.Finding(
        level: .wrong,
        text:
          "The protocol \(name) has \(count.grouped) \(count == 1 ? "leak" : "leaks") between its "
          + "sides.",
        evidence: ProtocolCards.id(name))
    }
    findings += statistics.analyses.filter { $0.missing > 0 }.map {
      Page.Finding(
        level: .wrong,
        text: "The protocol \($0.protocol) lacks the images of \($0.missing.grouped) pairs.",
        evidence: ProtocolCards.id($0.protocol))
    }
    let across = statistics.duplicatesByKind.values.reduce(0) { $0 + $1.across }
    if across > 0 {
      findings.append(
        Page.Finding(
          level: .notice,
          text:
            "\(across.grouped) samples are like one of another identity: the same person under two "
            + "names, or a wrong name.", evidence: "duplicates"))
    }
    for analysis in statistics.analyses {
      if let count = analysis.findings[Finding.Kind.wrongLabel.rawValue] {
        findings.append(
          Page.Finding(
            level: .notice,
            text:
              "\(count.grouped) pairs of \(analysis.protocol) have a label that the dataset's errata "
              + "call wrong.", evidence: ProtocolCards.id(analysis.protocol)))
      }
    }
    let rejected = statistics.rejectionsByReason.values.reduce(0, +)
    if rejected > 0 {
      findings.append(
        Page.Finding(
          level: .notice,
          text: rejected == 1
            ? "1 file did not become a sample."
            : "\(rejected.grouped) files did not become samples.",
          evidence: "rejected"))
    }
    if statistics.protocols.isEmpty {
      findings.append(
        Page.Finding(level: .notice, text: "The store has no protocol yet: prep pairs makes one."))
    }
    return findings.isEmpty
      ? [
        Page.Finding(
          level: .good,
          text: "No leak, no missing image, no duplicate and no rejected file was found.")
      ] : findings
  }
}

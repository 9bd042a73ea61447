import Catalog
import Plots

/// The parts of a dataset page about duplicates and rejected files.
struct AlikeSections {
  private let statistics: DatasetStatistics
  private let pictures: DatasetPictures?

  /// Number of pairs shown as pictures, across identities and within, and of rejected files.
  private static let (across, within, rejected) = (24, 8, 24)

  init(_ statistics: DatasetStatistics, _ pictures: DatasetPictures?) {
    self.statistics = statistics
    self.pictures = pictures
  }

  var sections: [Page.Section] {
    get throws { try duplicates + rejected }
  }

  private var duplicates: [Page.Section] {
    get throws {
      guard !statistics.duplicatesByKind.isEmpty else { return [] }
      let counts = statistics.duplicatesByKind.sorted { $0.key < $1.key }.map {
        [$0.key, $0.value.across.grouped, $0.value.within.grouped]
      }
      return [
        Page.Section(
          title: "Pairs of samples that are alike", id: "duplicates",
          text: "file: the same bytes; pixels: the same stored pixels; near: nearly the same. "
            + "prep list --duplicates lists all of them.",
          table: Page.Table(
            heading: ["kind", "of two identities", "of one identity"], rows: counts))
      ] + (try exhibits("Alike under two names", statistics.duplicatesAcross, Self.across))
        + (try exhibits("Alike under one name", statistics.duplicatesWithin, Self.within))
    }
  }

  private func exhibits(
    _ title: String, _ pairs: [DuplicatePair], _ count: Int
  ) throws -> [Page.Section] {
    let exhibits = try pairs.prefix(count).compactMap { pair in
      try pictures?.pair(pair).map { pictures in
        Page.Exhibit(
          pictures: pictures,
          caption: [pair.earlier, pair.later].map { $0.path.shortened().isolated }
            .joined(separator: " and ") + ": \(Self.words(pair))", width: 90)
      }
    }
    guard !exhibits.isEmpty else { return [] }
    return [
      Page.Section(title: title, text: "The first \(exhibits.count).", exhibits: exhibits)
    ]
  }

  private static func words(_ pair: DuplicatePair) -> String {
    switch pair.kind {
    case .file: "the same bytes"
    case .pixels: "the same pixels"
    case .near:
      "\(pair.distance) of 64 bits differ, correlation "
        + "\((pair.correlation * 1_000).rounded() / 1_000)"
    }
  }

  private var rejected: [Page.Section] {
    get throws {
      guard !statistics.rejectionsByReason.isEmpty else { return [] }
      let all = statistics.rejectionsByReason.values.reduce(0, +)
      let listed = statistics.rejected
      let more = all - listed.count
      return [
        Page.Section(
          title: "Rejected files", id: "rejected",
          table: Page.Table(
            heading: ["reason", "files"],
            rows: statistics.rejectionsByReason.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
              .map { [$0.key, $0.value.grouped] })),
        Page.Section(
          title: "Rejected, file by file",
          text: more > 0 ? "\(more.grouped) more: prep list --rejections lists all." : "",
          table: Page.Table(
            heading: ["path", "reason", "detail"],
            rows: listed.map { [$0.path, $0.reason, $0.detail] }),
          exhibits: try pictures?.rejected(Self.rejected).map { one in
            Page.Exhibit(
              pictures: [(one.picture, "rejected file")],
              caption: one.path.shortened().isolated)
          } ?? []),
      ]
    }
  }
}

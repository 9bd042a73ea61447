import Catalog
import Plots

/// The page about a store.
public struct DatasetPage {
  private let statistics: DatasetStatistics
  private let pictures: DatasetPictures?

  /// Creates a page.
  ///
  /// - Parameters:
  ///   - statistics: the statistics of the store.
  ///   - catalog: the store, for pictures; `nil` for a page without pictures of people.
  /// - Throws: ``CatalogError`` or ``ShardError``.
  public init(_ statistics: DatasetStatistics, pictures catalog: Catalog?) throws {
    self.statistics = statistics
    pictures = try catalog.map {
      try DatasetPictures(
        $0, paths: statistics.duplicatesAcross.flatMap { [$0.earlier, $0.later] })
    }
  }

  /// The page as one HTML file.
  public func html() throws -> String {
    try Page(
      title: "\(Self.name(of: statistics.store)): dataset statistics",
      subtitle: "\(statistics.store), digest \(statistics.digest)",
      sections: [DatasetVerdict(statistics).section] + contactSheet
        + statistics.datasets.flatMap { DatasetSections($0).sections } + duplicates + rejected
        + ProtocolCards(statistics).sections + [reproduce]
    ).render()
  }

  /// The last parts of a path.
  private static func name(of store: String) -> String {
    store.split(separator: "/").last.map(String.init) ?? store
  }

  private var contactSheet: [Page.Section] {
    guard let pictures, !pictures.sheet.isEmpty else { return [] }
    return [
      Page.Section(
        title: "Contact sheet",
        text:
          "\(pictures.sheet.count) samples, chosen by a seed, as they are stored; and the mean of "
          + "the samples.",
        exhibits: [
          Page.Exhibit(pictures: pictures.sheet, caption: "Samples", width: 56),
          Page.Exhibit(
            pictures: pictures.means,
            caption: "Mean of " + pictures.means.map(\.description).joined(separator: ", of ")),
        ])
    ]
  }

  /// Number of pairs of duplicates shown as pictures.
  private static let shownDuplicates = 24

  private var duplicates: [Page.Section] {
    guard !statistics.duplicatesByKind.isEmpty else { return [] }
    let counts = statistics.duplicatesByKind.sorted { $0.key < $1.key }.map {
      [$0.key, "\($0.value.across)", "\($0.value.within)"]
    }
    let exhibits = statistics.duplicatesAcross.prefix(Self.shownDuplicates).compactMap {
      pair -> Page.Exhibit? in
      guard let left = try? pictures?.picture(of: pair.earlier),
        let right = try? pictures?.picture(of: pair.later)
      else { return nil }
      return Page.Exhibit(
        pictures: [(left, pair.earlier.identity), (right, pair.later.identity)],
        caption: "\(pair.earlier.path) · \(pair.later.path) · \(pair.kind.rawValue), "
          + "\(pair.distance) of 64 bits differ", width: 90)
    }
    return [
      Page.Section(
        title: "Samples like an earlier one", id: "duplicates",
        text: "file: the same bytes; pixels: the same stored pixels; near: nearly the same. "
          + "prep list --duplicates lists all of them.",
        table: Page.Table(
          heading: ["kind", "of two identities", "of one identity"], rows: counts),
        exhibits: exhibits)
    ]
  }

  private var rejected: [Page.Section] {
    guard !statistics.rejectionsByReason.isEmpty else { return [] }
    let rows = statistics.rejectionsByReason.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return [
      Page.Section(
        title: "Rejected files", id: "rejected",
        text: "prep list --rejections lists each with its reason.",
        table: Page.Table(
          heading: ["reason", "files"], rows: rows.map { [$0.key, "\($0.value)"] }))
    ]
  }

  private var reproduce: Page.Section {
    Page.Section(
      title: "Reproduce",
      table: Page.Table(
        heading: ["what", "value"],
        rows: [
          ["store", statistics.store], ["digest", statistics.digest],
          ["ingest configuration", statistics.configuration],
        ]))
  }
}

extension Int {
  /// The number with commas between thousands.
  var grouped: String {
    let digits = String(magnitude)
    var parts: [Substring] = []
    var rest = digits[...]
    while rest.count > 3 {
      parts.insert(rest.suffix(3), at: 0)
      rest = rest.dropLast(3)
    }
    return (self < 0 ? "-" : "") + ([rest] + parts).joined(separator: ",")
  }
}

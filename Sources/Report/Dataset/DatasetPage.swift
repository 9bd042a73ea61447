import Catalog
import Foundation
import Plots

/// The page about a store.
public struct DatasetPage {
  private let statistics: DatasetStatistics
  private let pictures: DatasetPictures?
  private let facts: [DatasetFacts]
  private let comparison: StoreComparison?

  /// Creates a page.
  ///
  /// - Parameters:
  ///   - statistics: the statistics of the store.
  ///   - catalog: the store, for pictures; `nil` for a page without pictures of people.
  ///   - facts: what is known of its datasets.
  ///   - comparison: the store beside another one; `nil` for none.
  /// - Throws: ``CatalogError`` or ``ShardError``.
  public init(
    _ statistics: DatasetStatistics, pictures catalog: Catalog?, facts: [DatasetFacts] = [],
    comparison: StoreComparison? = nil
  ) throws {
    self.comparison = comparison
    self.statistics = statistics
    self.facts = facts
    pictures = try catalog.map { try DatasetPictures($0) }
  }

  /// The page as one HTML file.
  public func html() throws -> String {
    var sections = [DatasetVerdict(statistics).section]
    sections += comparison?.sections ?? []
    sections += try contactSheet
    for dataset in statistics.datasets {
      sections += try DatasetSections(dataset, statistics.sampleSize, pictures).sections
    }
    sections += try AlikeSections(statistics, pictures).sections
    sections += try ProtocolCards(statistics, pictures).sections
    sections += corrections + reproduce
    return try Page(
      title: "\(Self.name(of: statistics.store)): dataset statistics",
      subtitle: "\(statistics.store), digest \(statistics.digest.prefix(12))", sections: sections
    ).render()
  }

  /// Removes the page of a store and the files beside it, if they are there.
  public static func removeFiles(from folder: String) {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for file in files
    where ["index.html", "statistics.json"].contains(file)
      || (file.hasPrefix("identities-") && file.hasSuffix(".svg"))
    {
      unlink("\(folder)/\(file)")
    }
  }

  /// The last part of a path.
  private static func name(of store: String) -> String {
    store.split(separator: "/").last.map(String.init) ?? store
  }

  private var contactSheet: [Page.Section] {
    get throws {
      guard let pictures else { return [] }
      let sheet = try pictures.sheet()
      guard !sheet.isEmpty else { return [] }
      let width = 105
      let exhibits =
        [Page.Exhibit(pictures: sheet, caption: "Samples as they are stored", width: 56)]
        + (try pictures.means().map { mean in
          Page.Exhibit(
            pictures: [(mean.picture, "mean of \(mean.what)")],
            caption: "Mean of \(mean.what) (\(mean.count.grouped))", width: width)
        })
        + (try pictures.originals().map { one in
          Page.Exhibit(
            pictures: [(one.original, "original"), (one.sample, "sample")],
            caption: "\(one.path.shortened().isolated): original and sample")
        })
      return [
        Page.Section(
          title: "Contact sheet",
          text: "\(sheet.count) samples, means and originals beside their samples, all chosen by a "
            + "seed.", exhibits: exhibits)
      ]
    }
  }

  private var corrections: [Page.Section] {
    guard !statistics.corrections.isEmpty else { return [] }
    return [
      Page.Section(
        title: "Corrections", id: "corrections",
        text: "What lists given to prep correct changed; the view corrections has all of them.",
        table: Page.Table(
          heading: ["path", "action", "identity before", "identity", "reason"],
          rows: statistics.corrections.prefix(50).map {
            [$0.path, $0.action.rawValue, $0.before, $0.identity ?? "", $0.reason]
          }, caption: "\(statistics.corrections.count.grouped) corrections"))
    ]
  }

  private var reproduce: [Page.Section] {
    let settings = IngestSettings.values(statistics.configuration)
    var rows = [["store", statistics.store], ["digest", statistics.digest]]
    rows += settings.sorted { $0.key < $1.key }.map { ["ingest: \($0.key)", $0.value] }
    rows += statistics.versions.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
    for fact in facts {
      rows += [
        ("title", fact.title), ("obtained from", fact.source), ("licence", fact.licence),
        ("citation", fact.citation),
      ].compactMap { name, value in value.map { ["\(fact.name): \(name)", $0] } }
    }
    return [
      Page.Section(
        title: "Reproduce", table: Page.Table(heading: ["what", "value"], rows: rows))
    ]
  }
}

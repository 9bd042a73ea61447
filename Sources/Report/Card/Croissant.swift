import CSV
import Catalog
import Foundation
import Shards

/// The description of a store in the format Croissant: JSON-LD, with the tables that it refers to.
///
/// Source: Croissant format specification, version 1.1, and its vocabulary for responsible AI.
public struct Croissant {
  private let catalog: Catalog
  private let statistics: DatasetStatistics
  private let facts: [DatasetFacts]

  /// Creates a description.
  ///
  /// - Parameters:
  ///   - catalog: the store.
  ///   - statistics: its statistics.
  ///   - facts: what is known of its datasets.
  public init(_ catalog: Catalog, _ statistics: DatasetStatistics, facts: [DatasetFacts]) {
    self.catalog = catalog
    self.statistics = statistics
    self.facts = facts.filter { fact in statistics.datasets.contains { $0.name == fact.name } }
  }

  /// A table and its columns with their types.
  private struct Table {
    let name: String
    let columns: [(name: String, type: String)]
    let text: String
  }

  /// Writes `croissant.json` and its tables into a folder.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - shards: the path of the shards' folder from there.
  ///   - write: writes a text to a path.
  /// - Throws: ``CatalogError`` or an error of `write`.
  public func write(
    to folder: String, shards: String, _ write: (_ text: String, _ path: String) throws -> Void
  ) throws {
    let tables = try [samples(), pairs()].compactMap(\.self)
    for table in tables { try write(table.text, "\(folder)/\(table.name).csv") }
    let data = try JSONSerialization.data(
      withJSONObject: try document(tables, shards: shards),
      options: [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes])
    try write(String(decoding: data, as: UTF8.self) + "\n", "\(folder)/croissant.json")
  }

  private func samples() throws -> Table {
    var text = CSVTable.line([
      "dataset", "identity", "pose", "number", "path", "sha256", "shard", "row",
    ])
    try catalog.forEachSample { sample in
      text += CSVTable.line([
        sample.dataset, sample.identity, sample.pose ?? "", sample.number.map(String.init) ?? "",
        sample.path, sample.sha256, StoreFolder.shardName(sample.shard), "\(sample.row)",
      ])
    }
    return Table(
      name: "samples",
      columns: [
        ("dataset", "sc:Text"), ("identity", "sc:Text"), ("pose", "sc:Text"),
        ("number", "sc:Integer"), ("path", "sc:Text"), ("sha256", "sc:Text"),
        ("shard", "sc:Text"), ("row", "sc:Integer"),
      ], text: text)
  }

  /// The pairs of all protocols; `nil` without any.
  private func pairs() throws -> Table? {
    var text = CSVTable.line([
      "protocol", "fold", "role", "genuine", "left_dataset", "left_path", "right_dataset",
      "right_path",
    ])
    var count = 0
    for summary in try catalog.protocols() {
      for part in summary.pairs.keys.sorted() {
        let pairs = try catalog.pairs(of: summary.name, part)
        let images = try catalog.images(pairs.flatMap { [$0.left, $0.right] })
        for pair in pairs {
          text += CSVTable.line([
            summary.name, "\(part.fold)", part.role.rawValue, pair.genuine ? "1" : "0",
            images[pair.left]?.dataset ?? "", images[pair.left]?.path ?? "",
            images[pair.right]?.dataset ?? "", images[pair.right]?.path ?? "",
          ])
        }
        count += pairs.count
      }
    }
    guard count > 0 else { return nil }
    return Table(
      name: "pairs",
      columns: [
        ("protocol", "sc:Text"), ("fold", "sc:Integer"), ("role", "sc:Text"),
        ("genuine", "sc:Integer"), ("left_dataset", "sc:Text"), ("left_path", "sc:Text"),
        ("right_dataset", "sc:Text"), ("right_path", "sc:Text"),
      ], text: text)
  }

  private func document(_ tables: [Table], shards: String) throws -> [String: Any] {
    var document: [String: Any] = [
      "@context": CroissantContext.names, "@type": "sc:Dataset",
      "conformsTo": "http://mlcommons.org/croissant/1.1",
      "name": DatasetCard.name(statistics).replacing(" ", with: "-"),
      "description":
        "Samples of faces, made by prep ingest with the configuration \(statistics.configuration). "
        + "Digest of the store: \(statistics.digest).",
      "version": "1.0.0",
      "distribution": try files(tables, shards: shards),
      "recordSet": (tables.contains { $0.name == "pairs" } ? [Self.splits] : [])
        + tables.map(Self.records),
      "rai:personalSensitiveInformation":
        "Images of real people's faces, with the names that the original datasets use.",
      "rai:dataCollection":
        "Taken from the original datasets; each image is resampled, and cropped if the configuration "
        + "says so. Files that could not be used are listed in the store with the reason.",
      "rai:dataUseCases":
        "Training and testing of face verification on the protocols of the store.",
      "rai:dataBiases":
        "The people are those of the original datasets, which do not represent any population.",
    ]
    document["citeAs"] = facts.compactMap(\.citation).joined(separator: "\n")
    document["license"] = facts.compactMap(\.licence).joined(separator: "\n")
    document["url"] = facts.compactMap(\.source).first
    document["isBasedOn"] = facts.compactMap(\.source)
    document["prov:wasDerivedFrom"] = facts.compactMap(\.source).map { ["@id": $0] }
    return document.filter { ($0.value as? String) != "" }
  }

  private func files(_ tables: [Table], shards: String) throws -> [[String: Any]] {
    tables.map { table in
      [
        "@type": "cr:FileObject", "@id": "\(table.name).csv", "name": "\(table.name).csv",
        "contentUrl": "\(table.name).csv", "encodingFormat": "text/csv",
        "sha256": Digest.sha256(table.text.utf8), "contentSize": "\(table.text.utf8.count) B",
      ]
    }
      + (try catalog.shards().map { shard in
        let name = StoreFolder.shardName(shard.number)
        return [
          "@type": "cr:FileObject", "@id": name, "name": name,
          "contentUrl": "\(shards)/\(name)", "encodingFormat": "application/octet-stream",
          "sha256": shard.sha256, "contentSize": "\(shard.byteCount) B",
          "description":
            "safetensors: the tensor images, U8 [N, height, width, channel], of \(shard.dataset).",
        ]
      })
  }

  /// The sides of protocols, as the splits of the vocabulary.
  private static var splits: [String: Any] {
    [
      "@type": "cr:RecordSet", "@id": "splits", "name": "splits", "dataType": "cr:Split",
      "key": ["@id": "splits/name"],
      "field": [
        [
          "@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text",
        ],
        ["@type": "cr:Field", "@id": "splits/url", "name": "url", "dataType": "sc:URL"],
      ],
      "data": [("train", "Training"), ("validation", "Validation"), ("test", "Test")].map {
        ["splits/name": $0.0, "splits/url": "http://mlcommons.org/croissant/\($0.1)Split"]
      },
    ]
  }

  private static func records(_ table: Table) -> [String: Any] {
    [
      "@type": "cr:RecordSet", "@id": table.name, "name": table.name,
      "field": table.columns.map { column in
        var field: [String: Any] = [
          "@type": "cr:Field", "@id": "\(table.name)/\(column.name)", "name": column.name,
          "dataType": column.type,
          "source": [
            "fileObject": ["@id": "\(table.name).csv"], "extract": ["column": column.name],
          ] as [String: Any],
        ]
        if column.name == "role" {
          field["references"] = ["field": ["@id": "splits/name"]]
        }
        return field
      },
    ]
  }
}

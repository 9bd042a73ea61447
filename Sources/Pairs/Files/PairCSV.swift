import CSV
import Catalog
import Foundation

/// Pairs in CSV format, with the paths of their images.
///
/// Writing and then reading gives the same pairs in the same order.
public enum PairCSV {
  /// The columns; if the store has several datasets, the dataset columns come first.
  private static let columns = ["left_path", "right_path", "genuine", "fold", "role"]
  private static let datasetColumns = ["left_dataset", "right_dataset"]

  /// Reads the user's own pairs from CSV.
  ///
  /// The first line names the columns: `left_path`, `right_path` and `genuine` (1 or 0), and
  /// optionally `fold` (from 1; 0 for none), `role` (train, validation, test), `left_dataset` and
  /// `right_dataset`. Other columns are ignored. Paths are those of the store, with or without a
  /// leading `./`, or absolute paths inside a dataset's folder. The samples of each part are those
  /// of its pairs.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - name: the protocol's name.
  ///   - catalog: the store.
  ///   - allowMissing: whether pairs whose images are not in the store are skipped.
  /// - Returns: the protocol.
  /// - Throws: ``ListError`` that names the line.
  public static func read(
    _ path: String, name: String, _ catalog: Catalog, allowMissing: Bool
  ) throws -> ProtocolRecord {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ListError(path: path, line: nil, reason: "it cannot be read as text")
    }
    let records: [CSVTable.Record]
    do throws(CSVTable.Failure) { records = try CSVTable.records(text) } catch {
      throw ListError(path: path, line: error.line, reason: error.reason)
    }
    let rows = try Rows(path: path, header: records.first?.fields, known: StoredPaths(catalog))
    var resolver = PairResolver()
    var folds = FoldCheck()
    for record in records.dropFirst() {
      let row = try rows.read(record)
      if let reason = folds.refusal(row.part.fold, record.line) {
        throw rows.failure(record.line, reason)
      }
      if let id = row.left.id, id == row.right.id {
        throw rows.failure(record.line, "it compares \(row.left.path) with itself")
      }
      resolver.add(row.part, genuine: row.isGenuine, left: row.left, right: row.right)
    }
    if let reason = folds.gap { throw rows.failure(nil, reason) }
    return try ListedPairs.record(resolver, path, name, allowMissing: allowMissing)
  }

  /// The rows of a file by its header.
  private struct Rows {
    typealias Row = (
      part: Part, isGenuine: Bool, left: (id: Int?, path: String), right: (id: Int?, path: String)
    )

    private let path: String
    private let count: Int
    private let places: [String: Int]
    private let known: StoredPaths

    init(path: String, header: [String]?, known: StoredPaths) throws(ListError) {
      self.path = path
      self.known = known
      guard let header else {
        throw ListError(path: path, line: nil, reason: "it is empty")
      }
      count = header.count
      places = Dictionary(
        header.enumerated().map { ($0.element, $0.offset) },
        uniquingKeysWith: { first, _ in first })
      guard ["left_path", "right_path", "genuine"].allSatisfy({ places[$0] != nil }) else {
        throw failure(1, "it must name the columns left_path, right_path and genuine")
      }
      if let twice = (columns + datasetColumns).first(where: { name in
        header.count(where: { $0 == name }) > 1
      }) {
        throw failure(1, "the column \(twice) appears twice")
      }
    }

    func failure(_ line: Int?, _ reason: String) -> ListError {
      ListError(path: path, line: line, reason: reason)
    }

    func read(_ record: CSVTable.Record) throws(ListError) -> Row {
      guard record.fields.count == count else {
        throw failure(
          record.line,
          "it has \(record.fields.count) fields where the first line names \(count)")
      }
      func field(_ column: String) -> String? { places[column].map { record.fields[$0] } }
      let label = field("genuine") ?? ""
      guard let isGenuine = ["1": true, "0": false][label] else {
        throw failure(record.line, "genuine is \"\(label)\"; it must be 1 or 0")
      }
      guard let fold = Int(field("fold") ?? "0"), fold >= 0 else {
        throw failure(record.line, "fold is \"\(field("fold") ?? "")\"; it must be a number from 0")
      }
      guard let role = Role(rawValue: field("role") ?? "test") else {
        throw failure(
          record.line, "role is \"\(field("role") ?? "")\"; it must be train, validation or test")
      }
      func side(_ name: String) throws(ListError) -> (id: Int?, path: String) {
        guard let dataset = field("\(name)_dataset") ?? known.onlyDataset else {
          throw failure(
            record.line,
            "the store has several datasets, so the file needs a column \(name)_dataset")
        }
        let path = field("\(name)_path") ?? ""
        return (known.id(path, of: dataset), path)
      }
      return (Part(fold: fold, role: role), isGenuine, try side("left"), try side("right"))
    }
  }

  /// Writes pairs as CSV.
  ///
  /// - Parameters:
  ///   - parts: the pairs of each part, in the order to write them.
  ///   - catalog: the store.
  ///   - write: receives the text in pieces.
  /// - Throws: ``CatalogError``, and any error that `write` throws.
  public static func write(
    _ parts: [(part: Part, pairs: any Sequence<Pair>)], _ catalog: Catalog,
    _ write: (String) throws -> Void
  ) throws {
    let hasSeveral = try catalog.datasets().count > 1
    try write(CSVTable.line((hasSeveral ? datasetColumns : []) + columns))
    // Looks up only the images that are compared, some thousand pairs at a time.
    var images: [Int: ImageKey] = [:]
    for (part, pairs) in parts {
      var waiting: [Pair] = []
      func flush() throws {
        let unknown = waiting.flatMap { [$0.left, $0.right] }.filter { images[$0] == nil }
        images.merge(try catalog.images(unknown)) { first, _ in first }
        var text = ""
        for pair in waiting {
          guard let left = images[pair.left], let right = images[pair.right] else { continue }
          text += CSVTable.line(
            (hasSeveral ? [left.dataset, right.dataset] : [])
              + [
                left.path, right.path, pair.genuine ? "1" : "0", "\(part.fold)",
                part.role.rawValue,
              ])
        }
        try write(text)
        waiting.removeAll(keepingCapacity: true)
      }
      for pair in pairs {
        waiting.append(pair)
        if waiting.count == 4_096 { try flush() }
      }
      try flush()
    }
  }
}

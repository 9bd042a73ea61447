import Catalog
import Foundation

/// Pairs in files: CSV with paths, or LFW's text form.
///
/// What is written and read again is the same pairs in the same order.
public enum PairFile {
  /// The columns of CSV; the datasets stand first when the store has several.
  private static let columns = ["left_path", "right_path", "genuine", "fold", "role"]
  private static let datasetColumns = ["left_dataset", "right_dataset"]

  private struct Specification: Encodable {
    let file: String
    let allowMissing: Bool
  }

  /// Reads pairs of the user's own from CSV.
  ///
  /// The first line names the columns: `left_path`, `right_path` and `genuine` (1 or 0), and, when
  /// wanted, `fold` (from 1; 0 for none), `role` (train, validation, test), `left_dataset` and
  /// `right_dataset`. The samples of each part are those of its pairs.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - name: the protocol's name.
  ///   - catalog: the store.
  ///   - allowMissing: whether pairs whose images are not in the store are left out.
  /// - Returns: the protocol.
  /// - Throws: ``PairError`` that names the line.
  public static func read(
    csv path: String, name: String, _ catalog: Catalog, allowMissing: Bool
  ) throws(PairError) -> ProtocolRecord {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw .list(ListError(path: path, line: nil, reason: "it cannot be read as text"))
    }
    func failure(_ line: Int?, _ reason: String) -> PairError {
      .list(ListError(path: path, line: line, reason: reason))
    }
    let records: [CSVTable.Record]
    do throws(CSVTable.Failure) {
      records = try CSVTable.records(text)
    } catch { throw failure(error.line, error.reason) }
    guard let header = records.first?.fields else { throw failure(nil, "it is empty") }
    let places = Dictionary(
      header.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    guard let left = places["left_path"], let right = places["right_path"],
      let genuine = places["genuine"]
    else {
      throw failure(1, "it must name the columns left_path, right_path and genuine")
    }
    if let unknown = header.first(where: { !(columns + datasetColumns).contains($0) }) {
      throw failure(
        1,
        "there is no column \(unknown); known are \((columns + datasetColumns).joined(separator: ", "))"
      )
    }
    let known = try images(catalog)
    let only = known.count == 1 ? known.keys.first : nil
    var resolver = PairResolver()
    for record in records.dropFirst() {
      guard record.fields.count == header.count else {
        throw failure(
          record.line,
          "it has \(record.fields.count) fields where the first line names \(header.count)")
      }
      func field(_ column: String) -> String? { places[column].map { record.fields[$0] } }
      guard let isGenuine = ["1": true, "0": false][record.fields[genuine]] else {
        throw failure(record.line, "genuine is \"\(record.fields[genuine])\"; it must be 1 or 0")
      }
      guard let fold = Int(field("fold") ?? "0"), fold >= 0 else {
        throw failure(record.line, "fold is \"\(field("fold") ?? "")\"; it must be a number from 0")
      }
      guard let role = Role(rawValue: field("role") ?? "test") else {
        throw failure(
          record.line, "role is \"\(field("role") ?? "")\"; it must be train, validation or test")
      }
      func side(_ place: Int, _ column: String) throws(PairError) -> (id: Int?, path: String) {
        guard let dataset = field(column) ?? only else {
          throw failure(
            record.line, "the store has several datasets, so the file needs a column \(column)")
        }
        return (known[dataset]?[record.fields[place]], record.fields[place])
      }
      let (one, other) = (try side(left, "left_dataset"), try side(right, "right_dataset"))
      if let id = one.id, id == other.id {
        throw failure(record.line, "it compares \(one.path) with itself")
      }
      resolver.add(Part(fold: fold, role: role), genuine: isGenuine, left: one, right: other)
    }
    return try self.record(resolver, path, name, allowMissing: allowMissing)
  }

  /// Reads pairs of the user's own from LFW's text form: names and numbers of images.
  ///
  /// Several folds become folds with the role test, a single one the test pairs.
  public static func read(
    text path: String, name: String, _ index: ImageIndex, allowMissing: Bool
  ) throws(PairError) -> ProtocolRecord {
    let list: NamedPairList
    do throws(ListError) {
      list = try NamedPairList(try ListFile(path))
    } catch { throw .list(error) }
    var resolver = PairResolver()
    for (fold, pairs) in list.folds.enumerated() {
      let part = Part(fold: list.folds.count == 1 ? 0 : fold + 1, role: .test)
      for pair in pairs {
        resolver.add(
          part, genuine: pair.genuine,
          left: (index.id(pair.left), "\(pair.left.name) \(pair.left.number)"),
          right: (index.id(pair.right), "\(pair.right.name) \(pair.right.number)"))
      }
    }
    return try record(resolver, path, name, allowMissing: allowMissing)
  }

  private static func record(
    _ resolver: PairResolver, _ path: String, _ name: String, allowMissing: Bool
  ) throws(PairError) -> ProtocolRecord {
    try resolver.check(allowMissing: allowMissing)
    guard !resolver.pairs.isEmpty else {
      throw .list(ListError(path: path, line: nil, reason: "it has no pairs"))
    }
    let file = URL(fileURLWithPath: path).lastPathComponent
    return ProtocolRecord(
      name: name, kind: "list",
      specification: Specification(file: file, allowMissing: allowMissing).sortedJSON,
      members: resolver.pairs.mapValues { Set($0.flatMap { [$0.left, $0.right] }).sorted() },
      pairs: resolver.pairs, missing: resolver.missing)
  }

  /// The samples of every dataset by path.
  private static func images(_ catalog: Catalog) throws(PairError) -> [String: [String: Int]] {
    var images: [String: [String: Int]] = [:]
    do throws(CatalogError) {
      try catalog.forEachImage { images[$0.dataset, default: [:]][$0.path] = $0.id }
    } catch { throw .catalog(error) }
    guard !images.isEmpty else { throw .emptyStore }
    return images
  }

  /// Writes pairs as CSV.
  ///
  /// - Parameters:
  ///   - parts: the pairs of each part, in the order to write them.
  ///   - catalog: the store.
  ///   - write: takes the text, piece by piece.
  /// - Throws: ``PairError``, and what `write` throws.
  public static func writeCSV(
    _ parts: [(part: Part, pairs: any Sequence<Pair>)], _ catalog: Catalog,
    _ write: (String) throws -> Void
  ) throws {
    var paths: [Int: (dataset: String, path: String)] = [:]
    var datasets: Set<String> = []
    try catalog.forEachImage(withDropped: true) {
      paths[$0.id] = ($0.dataset, $0.path)
      datasets.insert($0.dataset)
    }
    let hasSeveral = datasets.count > 1
    try write(CSVTable.line((hasSeveral ? datasetColumns : []) + columns))
    for (part, pairs) in parts {
      var text = ""
      for pair in pairs {
        guard let left = paths[pair.left], let right = paths[pair.right] else { continue }
        text += CSVTable.line(
          (hasSeveral ? [left.dataset, right.dataset] : [])
            + [left.path, right.path, pair.genuine ? "1" : "0", "\(part.fold)", part.role.rawValue])
        if text.utf8.count > 1 << 16 {
          try write(text)
          text = ""
        }
      }
      try write(text)
    }
  }

  /// Pairs in LFW's text form.
  ///
  /// - Parameters:
  ///   - parts: the pairs of each fold, in order.
  ///   - catalog: the store.
  /// - Returns: the text.
  /// - Throws: ``PairError/notExportable(reason:)`` when the form has no room for them.
  public static func text(
    _ parts: [[Pair]], _ catalog: Catalog
  ) throws(PairError) -> String {
    let counts = parts.map { pairs in pairs.count { $0.genuine } }
    guard let half = counts.first, half > 0,
      zip(parts, counts).allSatisfy({ $1 == half && $0.count == 2 * half })
    else {
      throw .notExportable(
        reason: "every fold must have as many genuine pairs as impostor pairs, and all as many")
    }
    let images: [Int: ImageKey]
    do throws(CatalogError) {
      images = try catalog.images(parts.joined().flatMap { [$0.left, $0.right] })
    } catch { throw .catalog(error) }
    for pairs in parts where !pairs.prefix(half).allSatisfy(\.genuine) {
      throw .notExportable(reason: "in every fold the genuine pairs must come first")
    }
    guard let dataset = images.values.first?.dataset,
      images.values.allSatisfy({ $0.dataset == dataset })
    else {
      throw .notExportable(reason: "it names no datasets, and these pairs are of several")
    }
    // Two images of one name and number could not be told apart.
    _ = try ImageIndex(catalog, dataset: dataset)
    var text = parts.count == 1 ? "\(half)\n" : "\(parts.count)\t\(half)\n"
    for pairs in parts {
      for pair in pairs {
        guard let left = images[pair.left], let right = images[pair.right],
          let one = left.number, let other = right.number, left.pose == nil, right.pose == nil,
          !left.identity.contains("\t"), !right.identity.contains("\t"),
          !left.identity.contains("\n"), !right.identity.contains("\n")
        else {
          throw .notExportable(
            reason: "it names an image by its identity and number, which not all of these have")
        }
        guard pair.genuine == (left.identity == right.identity) else {
          throw .notExportable(
            reason: "it tells genuine pairs by their names, and \(left.path) with \(right.path) "
              + "is labelled otherwise")
        }
        text +=
          pair.genuine
          ? "\(left.identity)\t\(one)\t\(other)\n"
          : "\(left.identity)\t\(one)\t\(right.identity)\t\(other)\n"
      }
    }
    return text
  }
}

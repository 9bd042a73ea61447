import CSV
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
  /// `right_dataset`; other columns are left alone. Paths are those of the store, also behind `./`, or
  /// absolute ones inside a dataset's folder. The samples of each part are those of its pairs.
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
    if let twice = (columns + datasetColumns).first(where: { name in
      header.count(where: { $0 == name }) > 1
    }) {
      throw failure(1, "the column \(twice) is there twice")
    }
    let known = try StoredPaths(catalog)
    var resolver = PairResolver()
    var folds = FoldCheck()
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
        guard let dataset = field(column) ?? known.onlyDataset else {
          throw failure(
            record.line, "the store has several datasets, so the file needs a column \(column)")
        }
        return (known.id(record.fields[place], of: dataset), record.fields[place])
      }
      if let reason = folds.refusal(fold, record.line) { throw failure(record.line, reason) }
      let (one, other) = (try side(left, "left_dataset"), try side(right, "right_dataset"))
      if let id = one.id, id == other.id {
        throw failure(record.line, "it compares \(one.path) with itself")
      }
      resolver.add(Part(fold: fold, role: role), genuine: isGenuine, left: one, right: other)
    }
    if let reason = folds.gap { throw failure(nil, reason) }
    return try self.record(resolver, path, name, allowMissing: allowMissing)
  }

  /// Folds count from 1 without a gap, or there are none.
  private struct FoldCheck {
    private var seen: Set<Int> = []
    private var first: (fold: Int, line: Int)?

    /// Why a row's fold does not go with those before; `nil` if it does.
    mutating func refusal(_ fold: Int, _ line: Int) -> String? {
      seen.insert(fold)
      guard let first else {
        self.first = (fold, line)
        return nil
      }
      guard (fold == 0) != (first.fold == 0) else { return nil }
      return
        "fold is \(fold), and on line \(first.line) it is \(first.fold): folds count from 1, and 0 "
        + "stands where there are none"
    }

    /// A fold that has no pair though a later one has; `nil` if there is none.
    var gap: String? {
      guard let last = seen.max(), last > 0 else { return nil }
      let missing = (1...last).first { !seen.contains($0) }
      return missing.map { "fold \($0) has no pairs, and fold \(last) has: folds count from 1" }
    }
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
      specification: Specification(
        file: file, allowMissing: !resolver.missingImages.isEmpty
      ).sortedJSON,
      members: resolver.pairs.mapValues { Set($0.flatMap { [$0.left, $0.right] }).sorted() },
      pairs: resolver.pairs, missing: resolver.missing)
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
    let hasSeveral = try catalog.datasets().count > 1
    try write(CSVTable.line((hasSeveral ? datasetColumns : []) + columns))
    // Only the images that are compared are looked up, some thousand pairs at a time.
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
        guard pair.genuine == (UTF8Key(left.identity) == UTF8Key(right.identity)) else {
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

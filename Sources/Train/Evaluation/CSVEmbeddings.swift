import CSV
import Foundation
import Neural

/// Embeddings in CSV: the first column is `path` or `id`, all others are numbers.
enum CSVEmbeddings {
  /// Reads a file.
  ///
  /// - Throws: ``TrainError/badEmbeddings(path:reason:)`` with the line.
  static func table(_ path: String) throws -> EmbeddingTable {
    func failure(_ reason: String) -> TrainError { .badEmbeddings(path: path, reason: reason) }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw failure("it cannot be read as text in UTF-8")
    }
    let records: [CSVTable.Record]
    do throws(CSVTable.Failure) { records = try CSVTable.records(text) } catch {
      throw failure("line \(error.line): \(error.reason)")
    }
    guard let header = records.first?.fields, let first = header.first,
      ["path", "id"].contains(first), header.count > 1
    else {
      throw failure(
        "the first line must name the columns: path or id first, then one column for each number")
    }
    var values: [Float] = []
    for record in records.dropFirst() {
      guard record.fields.count == header.count else {
        throw failure(
          "line \(record.line) has \(record.fields.count) fields where the first line names "
            + "\(header.count)")
      }
      for field in record.fields.dropFirst() {
        guard let number = Float(field.trimmingCharacters(in: .whitespaces)), number.isFinite else {
          throw failure("line \(record.line): \"\(field)\" is no finite number")
        }
        values.append(number)
      }
    }
    let names = records.dropFirst().map { $0.fields[0] }
    let rows = EmbeddingRows(values: values, length: header.count - 1)
    guard first == "id" else { return EmbeddingTable(rows: rows, names: .paths(names)) }
    let ids = names.map { Int($0) }
    if let place = ids.firstIndex(of: nil) {
      throw failure("line \(records[place + 1].line): \"\(names[place])\" is no id")
    }
    return EmbeddingTable(rows: rows, names: .ids(ids.compactMap(\.self)))
  }
}

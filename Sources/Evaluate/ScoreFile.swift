import CSV

/// Comparisons in CSV, with the columns `score`, `genuine` (1 or 0) and optionally `fold`.
public enum ScoreFile {
  /// The reason why a file of scores cannot be read; lines are counted from 1.
  public enum Failure: Error, Equatable, Sendable {
    /// The text is not valid CSV.
    case malformed(line: Int, reason: String)
    /// The first line does not name `score` and `genuine`.
    case noHeader(found: String)
    /// The first line names a column twice.
    case duplicateColumn(String)
    /// A line has too few fields.
    case fields(line: Int, expected: Int, found: Int)
    /// A field does not have a valid value for its column.
    case value(line: Int, column: String, text: String)
    /// There is not at least one genuine and one impostor comparison.
    case oneSided(genuine: Int, impostor: Int)
    /// A fold has comparisons of only one kind.
    case oneSidedFold(Evaluation.OneSidedFold)
  }

  /// Parses the text of a file in the format of RFC 4180; other columns are ignored.
  public static func parse(_ text: String) throws(Failure) -> [Comparison] {
    let records: [CSVTable.Record]
    do throws(CSVTable.Failure) { records = try CSVTable.records(text) } catch {
      throw .malformed(line: error.line, reason: error.reason)
    }
    let header = (records.first?.fields ?? []).map(trimmed)
    for name in ["score", "genuine", "fold"] where header.count(where: { $0 == name }) > 1 {
      throw .duplicateColumn(name)
    }
    guard let score = header.firstIndex(of: "score"),
      let genuine = header.firstIndex(of: "genuine")
    else { throw .noHeader(found: records.first?.fields.joined(separator: ",") ?? "") }
    let fold = header.firstIndex(of: "fold")
    var comparisons: [Comparison] = []
    for record in records.dropFirst() {
      let values = record.fields.map(trimmed)
      guard values.contains(where: { !$0.isEmpty }) else { continue }
      guard values.count == header.count else {
        throw .fields(line: record.line, expected: header.count, found: values.count)
      }
      comparisons.append(
        try comparison(
          score: values[score], genuine: values[genuine], fold: fold.map { values[$0] } ?? "0",
          line: record.line))
    }
    let genuineCount = comparisons.count { $0.isGenuine }
    guard genuineCount > 0, genuineCount < comparisons.count else {
      throw .oneSided(genuine: genuineCount, impostor: comparisons.count - genuineCount)
    }
    if let fold = Evaluation.oneSidedFold(in: comparisons) { throw .oneSidedFold(fold) }
    return comparisons
  }

  private static func comparison(
    score: String, genuine: String, fold: String, line: Int
  ) throws(Failure) -> Comparison {
    guard let number = Double(score), number.isFinite else {
      throw .value(line: line, column: "score", text: score)
    }
    guard let isGenuine = ["0": false, "1": true][genuine] else {
      throw .value(line: line, column: "genuine", text: genuine)
    }
    guard let foldNumber = Int(fold), foldNumber >= 0 else {
      throw .value(line: line, column: "fold", text: fold)
    }
    return Comparison(score: number, isGenuine: isGenuine, fold: foldNumber)
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

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
    /// The identities of a comparison contradict its kind.
    case contradiction(line: Int)
    /// There is not at least one genuine and one impostor comparison.
    case oneSided(genuine: Int, impostor: Int)
    /// A fold has comparisons of only one kind.
    case oneSidedFold(Evaluation.OneSidedFold)
  }

  /// The comparisons of a file.
  public struct Table: Sendable {
    /// The comparisons.
    public let comparisons: Comparisons
    /// The two identities of each comparison, as numbers from 0; `nil` if the file does not have them.
    public let identities: [(Int, Int)]?
  }

  /// Parses the text of a file in the format of RFC 4180; other columns are ignored.
  public static func parse(_ text: String) throws(Failure) -> Comparisons {
    try table(text).comparisons
  }

  /// Parses the text of a file with the optional columns `left_identity` and `right_identity`.
  public static func table(_ text: String) throws(Failure) -> Table {
    let records: [CSVTable.Record]
    do throws(CSVTable.Failure) { records = try CSVTable.records(text) } catch {
      throw .malformed(line: error.line, reason: error.reason)
    }
    let header = (records.first?.fields ?? []).map(trimmed)
    for name in ["score", "genuine", "fold", "left_identity", "right_identity"]
    where header.count(where: { $0 == name }) > 1 {
      throw .duplicateColumn(name)
    }
    guard let score = header.firstIndex(of: "score"),
      let genuine = header.firstIndex(of: "genuine")
    else { throw .noHeader(found: records.first?.fields.joined(separator: ",") ?? "") }
    let fold = header.firstIndex(of: "fold")
    let people = ["left_identity", "right_identity"].compactMap(header.firstIndex)
    var identities = people.count == 2 ? Identities() : nil
    var comparisons = Comparisons()
    for record in records.dropFirst() {
      let values = record.fields.map(trimmed)
      guard values.contains(where: { !$0.isEmpty }) else { continue }
      guard values.count == header.count else {
        throw .fields(line: record.line, expected: header.count, found: values.count)
      }
      let next = try comparison(
        score: values[score], genuine: values[genuine], fold: fold.map { values[$0] } ?? "0",
        line: record.line)
      comparisons.append(next)
      if identities != nil {
        let names = people.map { values[$0] }
        guard names[0].utf8.elementsEqual(names[1].utf8) == next.isGenuine else {
          throw .contradiction(line: record.line)
        }
        identities?.add(names)
      }
    }
    try check(comparisons)
    return Table(comparisons: comparisons, identities: identities?.numbers)
  }

  /// Throws unless there are comparisons of both kinds, in every fold.
  private static func check(_ comparisons: Comparisons) throws(Failure) {
    let genuineCount = comparisons.count { $0.isGenuine }
    guard genuineCount > 0, genuineCount < comparisons.count else {
      throw .oneSided(genuine: genuineCount, impostor: comparisons.count - genuineCount)
    }
    if let fold = Evaluation.oneSidedFold(in: comparisons) { throw .oneSidedFold(fold) }
  }

  /// Names as numbers; names are equal if their bytes are.
  private struct Identities {
    private var known: [[UInt8]: Int] = [:]
    var numbers: [(Int, Int)] = []

    mutating func add(_ names: [String]) {
      let both = names.map { name in
        let name = Array(name.utf8)
        if let number = known[name] { return number }
        known[name] = known.count
        return known.count - 1
      }
      numbers.append((both[0], both[1]))
    }
  }

  /// The largest size of a score: sums and differences of such scores are finite.
  private static let largest = 1e100

  private static func comparison(
    score: String, genuine: String, fold: String, line: Int
  ) throws(Failure) -> Comparison {
    guard let number = Double(score), abs(number) <= largest else {
      throw .value(line: line, column: "score", text: score)
    }
    guard let isGenuine = ["0": false, "1": true][genuine] else {
      throw .value(line: line, column: "genuine", text: genuine)
    }
    guard let foldNumber = Int32(fold), foldNumber >= 0 else {
      throw .value(line: line, column: "fold", text: fold)
    }
    return Comparison(score: number, isGenuine: isGenuine, fold: Int(foldNumber))
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

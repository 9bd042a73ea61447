import CSV
import Foundation

/// The number of accepted and rejected claims at each of several thresholds.
public struct CountTable: Sendable, Equatable {
  /// The counts at one threshold.
  public struct Row: Sendable, Equatable {
    /// The threshold; a score greater than or equal to it is accepted.
    public let threshold: Double
    /// The counts.
    public let decisions: Decisions

    /// Creates a row.
    public init(threshold: Double, decisions: Decisions) {
      self.threshold = threshold
      self.decisions = decisions
    }
  }

  /// The reason why a file is not such a table.
  public enum Failure: Error, Equatable, Sendable {
    /// The text is not valid, at a line counted from 1.
    case malformed(line: Int, reason: String)
    /// A rate of the file does not follow from its counts.
    case wrongRate(line: Int, rate: Double, expected: Double)
    /// The rows differ in their number of genuine or impostor claims.
    case unequalTotals(threshold: Double)
    /// Fewer than two thresholds.
    case tooFewRows
    /// The number of genuine or of impostor claims is 0.
    case oneSided
    /// A lower threshold accepts less.
    case notMonotone(threshold: Double)
  }

  /// The rows, by descending threshold.
  public let rows: [Row]

  /// Creates a table of rows in any order.
  ///
  /// - Throws: ``Failure`` if the rows are not of the same claims.
  public init(_ rows: [Row]) throws(Failure) {
    let rows = rows.sorted { $0.threshold > $1.threshold }
    guard rows.count >= 2, let first = rows.first else { throw .tooFewRows }
    guard first.decisions.genuine > 0, first.decisions.impostor > 0 else { throw .oneSided }
    for (row, next) in zip(rows, rows.dropFirst()) {
      guard
        row.decisions.genuine == next.decisions.genuine
          && row.decisions.impostor == next.decisions.impostor
      else { throw .unequalTotals(threshold: next.threshold) }
      guard
        row.threshold > next.threshold
          && row.decisions.trueAccepts <= next.decisions.trueAccepts
          && row.decisions.falseAccepts <= next.decisions.falseAccepts
      else { throw .notMonotone(threshold: next.threshold) }
    }
    self.rows = rows
  }

  private var points: [ROC.Point] {
    rows.map {
      ROC.Point(
        threshold: $0.threshold, far: $0.decisions.far ?? 0, gar: $0.decisions.gar ?? 0,
        falseAccepts: $0.decisions.falseAccepts, trueAccepts: $0.decisions.trueAccepts)
    }
  }

  /// The point where FAR crosses FRR, interpolated between neighbouring rows; `nil` if they do not
  /// cross within the table.
  public var equalError: EqualError? {
    guard let first = points.first, first.far <= first.frr else { return nil }
    return zip(points, points.dropFirst()).lazy.compactMap { EqualError($0, $1) }.first
  }

  /// The area under the lines through the points of the table, (0, 0) and (1, 1): a rough value if
  /// there are few thresholds.
  public var auc: Double {
    var (before, area) = ((far: 0.0, gar: 0.0), 0.0)
    for next in points.map({ (far: $0.far, gar: $0.gar) }) + [(far: 1, gar: 1)] {
      area += (next.far - before.far) * (before.gar + next.gar) / 2
      before = next
    }
    return area
  }
}

extension CountTable {
  /// Parses a table.
  ///
  /// Two forms are read: CSV with the columns `threshold,ga,fa,fr,gr`, and groups of lines separated
  /// by empty lines, each with the threshold, then `GA FA FR GR`, then optionally the rates GAR, FAR,
  /// FRR and GRR, which must follow from the counts.
  public static func parse(_ text: String) throws(Failure) -> CountTable {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated().map {
        Line(
          number: $0.offset + 1, text: $0.element.trimmingCharacters(in: .whitespacesAndNewlines))
      }
    return try CountTable(isCSV(text) ? rows(csv: text) : rows(groups: lines))
  }

  /// Whether the first line of a text names the columns of a table of counts.
  public static func isCSV(_ text: String) -> Bool {
    let names = text.prefix { !$0.isNewline }.lowercased().filter { $0 != "\u{FEFF}" }
      .split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    return columns.allSatisfy(names.contains)
  }

  /// Whether a text has the form of groups of lines: a number alone on the first line.
  public static func isGroups(_ text: String) -> Bool {
    Double(text.prefix { !$0.isNewline }.trimmingCharacters(in: .whitespaces)) != nil
  }

  private static let columns = ["threshold", "ga", "fa", "fr", "gr"]

  private struct Line {
    let number: Int
    let text: String
  }

  private static func rows(csv text: String) throws(Failure) -> [Row] {
    let records: [CSVTable.Record]
    do throws(CSVTable.Failure) { records = try CSVTable.records(text) } catch {
      throw .malformed(line: error.line, reason: error.reason)
    }
    let header = (records.first?.fields ?? []).map {
      $0.trimmingCharacters(in: .whitespaces).lowercased()
    }
    let places = columns.compactMap { header.firstIndex(of: $0) }
    var rows: [Row] = []
    for record in records.dropFirst() {
      guard record.fields.count == header.count else {
        throw .malformed(
          line: record.line,
          reason: "\(record.fields.count) fields where the first line names \(header.count)")
      }
      let fields = places.map { record.fields[$0].trimmingCharacters(in: .whitespaces) }
      rows.append(
        try row(fields[0], Array(fields.dropFirst()), line: record.line))
    }
    return rows
  }

  private static func rows(groups lines: [Line]) throws(Failure) -> [Row] {
    var rows: [Row] = []
    for group in lines.split(whereSeparator: \.text.isEmpty) {
      let group = Array(group)
      guard group.count == 2 || group.count == 6 else {
        throw .malformed(
          line: group[0].number,
          reason:
            "a group has a threshold, a line with four counts and, if any, four rates; this has "
            + "\(group.count) lines")
      }
      let row = try row(
        group[0].text, group[1].text.split(whereSeparator: \.isWhitespace).map(String.init),
        line: group[1].number)
      let rates = [row.decisions.gar, row.decisions.far, row.decisions.frr, row.decisions.grr]
      for (line, expected) in zip(group.dropFirst(2), rates) {
        guard let rate = Double(line.text), let expected else {
          throw .malformed(line: line.number, reason: "\"\(line.text)\" is no rate")
        }
        guard abs(rate - expected) < 1e-9 else {
          throw .wrongRate(line: line.number, rate: rate, expected: expected)
        }
      }
      rows.append(row)
    }
    return rows
  }

  private static func row(_ threshold: String, _ counts: [String], line: Int) throws(Failure) -> Row
  {
    guard let value = Double(threshold), value.isFinite else {
      throw .malformed(line: line, reason: "\"\(threshold)\" is no threshold")
    }
    let numbers = counts.compactMap { Int($0) }.filter { (0...1 << 53).contains($0) }
    guard numbers.count == 4, counts.count == 4 else {
      throw .malformed(line: line, reason: "the four counts GA, FA, FR and GR are needed")
    }
    return Row(
      threshold: value,
      decisions: Decisions(
        trueAccepts: numbers[0], falseRejects: numbers[2], falseAccepts: numbers[1],
        trueRejects: numbers[3]))
  }
}

/// A table in plain text, with the first column left-aligned and the others right-aligned.
public struct TextTable: Sendable {
  private let lines: [[String]]

  /// Creates a table with a heading; each row has as many cells as the heading.
  public init(_ heading: [String], _ rows: [[String]]) {
    lines = [heading] + rows.map { $0.map(\.printable) }
  }

  /// The lines of the table, joined.
  public var text: String {
    let widths = (lines.first ?? []).indices.map { column in
      lines.map { $0[column].count }.max() ?? 0
    }
    return lines.map { cells in
      let padded = zip(cells, widths).enumerated().map { column, pair in
        let space = String(repeating: " ", count: pair.1 - pair.0.count)
        return column == 0 ? pair.0 + space : space + pair.0
      }
      return padded.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

import CSV
import Testing

/// RFC 4180, and what spreadsheets write.
@Suite("A table in CSV")
struct CSVTableTests {
  private func fields(_ text: String) throws -> [[String]] {
    try CSVTable.records(text).map(\.fields)
  }

  @Test("keeps commas, quotes and line ends within quotes")
  func quotes() throws {
    #expect(
      try fields("a,b\r\n\"x, y\",\"say \"\"no\"\"\"\n\"two\nlines\",\n")
        == [["a", "b"], ["x, y", "say \"no\""], ["two\nlines", ""]])
  }

  @Test("counts lines as an editor does")
  func lines() throws {
    let records = try CSVTable.records("\u{FEFF}a\n\n\"two\nlines\"\nlast")
    #expect(records.map(\.line) == [1, 3, 5])
    #expect(records.map(\.fields) == [["a"], ["two\nlines"], ["last"]])
  }

  @Test("is refused with the line where a quote is wrong")
  func refusals() {
    func line(_ text: String) -> Int? {
      do throws(CSVTable.Failure) {
        _ = try CSVTable.records(text)
        return nil
      } catch { return error.line }
    }
    #expect(line("a\nb\"c\n") == 2)
    #expect(line("a\n\"b\"c\n") == 2)
    #expect(line("a\n\"b\n\n") == 2)
    #expect(line("a\n\"\"\n") == nil)
  }

  @Test("is read back as it was written")
  func roundTrip() throws {
    let records = [
      ["plain", "", "a,b"], ["\"", "line\nend", "\r"], ["x", "é", " "],
      // Swift joins the quotation mark and the accent into one character.
      ["a\"\u{301}b", "\"\u{200D}\"", "\r\n"],
    ]
    #expect(try fields(records.map(CSVTable.line).joined()) == records)
  }
}

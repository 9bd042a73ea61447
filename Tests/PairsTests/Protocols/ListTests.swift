import Foundation
import Shards
import TestSupport
import Testing

@testable import Pairs

@Suite("A list of pairs")
struct ListTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
  }

  private let good = [
    "2\t2", "Ann Lee\t1\t2", "Bob\t1\t3", "Ann Lee\t1\tBob\t1", "Bob\t2\tAnn Lee\t2",
    "Cem\t1\t2", "Dan\t1\t2", "Cem\t1\tDan\t1", "Dan\t2\tCem\t2",
  ]

  private func read(_ lines: [String], ending: String = "\n") throws -> NamedPairList {
    try scratch.write(Array((lines.joined(separator: "\n") + ending).utf8), to: "pairs.txt")
    return try NamedPairList(ListFile(scratch.file("pairs.txt")))
  }

  /// The line that the reader blames.
  private func line(_ lines: [String]) -> Int? {
    do {
      _ = try read(lines)
      Issue.record("the list was taken")
      return nil
    } catch {
      return (error as? ListError)?.line
    }
  }

  @Test("is read by tabs, with its folds, names with spaces among them")
  func reads() throws {
    let list = try read(good)
    #expect(list.folds.map(\.count) == [4, 4])
    #expect(
      list.folds[0][2]
        == NamedPair(
          left: NamedImage(name: "Ann Lee", number: 1), right: NamedImage(name: "Bob", number: 1),
          line: 4))
    #expect(list.folds[0][0].left.path == "Ann Lee/Ann Lee_0001.jpg")
    #expect(NamedImage(name: "A", number: 12_345).path == "A/A_12345.jpg")
  }

  @Test("is read without its first line where the rows alone are clear")
  func lostHeader() throws {
    #expect(
      try read(Array(good.dropFirst())).folds
        == read(good).folds.map { fold in
          fold.map { NamedPair(left: $0.left, right: $0.right, line: $0.line - 1) }
        })
  }

  @Test("is blamed at the line that is wrong")
  func blames() {
    func changed(_ index: Int, _ text: String) -> [String] {
      var lines = good
      lines[index] = text
      return lines
    }
    #expect(line(changed(3, "Ann Lee\t1\tBob")) == 4)  // one field lost: no number
    #expect(line(changed(4, "Bob 2 Ann 2")) == 5)
    #expect(line(changed(1, "Ann Lee\t0\t2")) == 2)
    #expect(line(changed(1, "Ann Lee\t1\tx")) == 2)
    #expect(line(changed(1, "Ann Lee\t2\t2")) == 2)
    #expect(line(changed(3, "Bob\t1\tBob\t2")) == 4)
    #expect(line(changed(3, "Bob\t1\t2")) == 4)
    // Cut short, joined with another, one row too many.
    #expect(line(Array(good.prefix(6))) == 6)
    #expect(line(good + good) == 10)
    #expect(line(good + ["Eve\t1\t2"]) == 10)
    #expect(line(["0"]) == 1)
    // More than any list has, up to where products overflow.
    #expect(line(["9223372036854775807"] + good.dropFirst()) == 9)
    #expect(line(["4611686018427387904\t3"] + good.dropFirst()) == 9)
  }

  @Test("is compared with the official file by its lines")
  func status() throws {
    let text = good.joined(separator: "\n") + "\n"
    let md5 = Digest.md5(Array(text.utf8))
    func status(_ bytes: String) throws -> ListFile.Status? {
      try scratch.write(Array(bytes.utf8), to: "pairs.txt")
      return try ListFile(scratch.file("pairs.txt"), md5: md5, lostHeader: good[0]).status
    }
    #expect(try status(text) == .identical)
    #expect(try status(String(text.dropLast())) == .equivalent)
    #expect(try status(text.replacing("\n", with: "\r\n")) == .equivalent)
    #expect(try status(good.dropFirst().joined(separator: "\n") + "\n") == .equivalent)
    #expect(try status("\u{FEFF}" + text) == .equivalent)
    #expect(try status(text.replacing("Dan\t1\t2", with: "Dan\t1\t3")) == .different)
  }

  @Test("that is not the official one is refused, at the line where a name or number is unknown")
  func official() throws {
    var lists = OfficialLists(folder: scratch.path, digests: ["pairs.txt": "another"])
    let people = ["Ann Lee": 2, "Bob": 3, "Cem": 2, "Dan": 2]
    func line(_ lines: [String]) throws -> Int? {
      try scratch.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "pairs.txt")
      do {
        _ = try lists.pairs("pairs.txt", lostHeader: "2\t2", people: people)
        Issue.record("the list was taken")
        return nil
      } catch { return error.line }
    }
    #expect(try line(good) == nil)
    #expect(try line(good.map { $0.replacing("Dan\t1\t2", with: "Dan\t1\t9") }) == 7)
    #expect(try line(good.map { $0.replacing("Cem\t1\t2", with: "Cem X\t1\t2") }) == 6)
  }

  @Test("of people is read in sets, and blamed at the line that is wrong")
  func people() throws {
    func sets(_ lines: [String]) throws -> [[String]] {
      try scratch.write(Array(lines.joined(separator: "\n").utf8), to: "people.txt")
      return try PeopleList(ListFile(scratch.file("people.txt"))).sets.map { $0.map(\.name) }
    }
    #expect(try sets(["2", "Ann\t1", "Bob\t2"]) == [["Ann", "Bob"]])
    #expect(try sets(["2", "1", "Ann\t1", "2", "Bob\t2", "Cem\t1"]) == [["Ann"], ["Bob", "Cem"]])
    for lines in [
      ["2", "Ann\t1"], ["1", "Ann"], ["1", "Ann\t0"], ["1", "Ann\t1", "Bob\t1"], ["x"],
      ["2", "1", "Ann\t1"],
    ] {
      #expect(throws: ListError.self) { try sets(lines) }
    }
  }
}

import Catalog
import Foundation
import TestSupport
import Testing

@testable import Pairs

/// What an audit finds in protocols of every kind, and what a protocol says is missing.
@Suite("An audit of every kind of protocol")
struct AuditSidesTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
  }

  private func image(_ name: String, _ number: Int, content: String? = nil) -> TestImage {
    TestImage(
      dataset: "d", identity: name, number: number, path: "\(name)/\(number).jpg", content: content)
  }

  /// Three people with two pictures each; the second person's second picture is the first one's first.
  private func store() throws -> Catalog {
    try catalog(
      [
        image("Ann", 1, content: "x"), image("Ann", 2, content: "x"), image("Bob", 1),
        image("Bob", 2, content: "x"), image("Cem", 1), image("Cem", 2),
      ], in: scratch)
  }

  private func audit(_ record: ProtocolRecord, _ catalog: Catalog, checks: Bool = false) throws
    -> LeakAudit
  {
    try LeakAudit(
      record, table: SampleTable(catalog), links: catalog.duplicateLinks(), catalog: catalog,
      checksPairs: checks)
  }

  @Test("finds pairs of a picture with its copy among drawn pairs and among all pairs")
  func identicalPictures() throws {
    let catalog = try store()
    let table = try SampleTable(catalog)
    let maker = ProtocolMaker(
      table, links: try catalog.duplicateLinks(), draw: ProtocolMaker.Draw(counts: nil, seed: 0))
    // Three samples of one picture: three pairs of copies.
    let drawn = try audit(maker.sample(name: "s"), catalog)
    #expect(drawn.counts[.identicalPair] == 3)
    let all = try audit(maker.all(name: "a"), catalog)
    #expect(all.counts[.identicalPair] == 3)
    #expect(
      Set(all.findings.map { "\($0.left) \($0.right)" }) == [
        "Ann/1.jpg Ann/2.jpg", "Ann/1.jpg Bob/2.jpg", "Ann/2.jpg Bob/2.jpg",
      ])
    #expect(drawn.gaps.isEmpty && all.gaps.isEmpty)
  }

  @Test("looks at the validation side as well", arguments: [Role.train, .test])
  func validation(other: Role) throws {
    let catalog = try store()
    let record = ProtocolRecord(
      name: "v", kind: "list", specification: "{}",
      members: [Part(role: .validation): [0, 1], Part(role: other): [0, 3]], pairs: [:])
    let found = try audit(record, catalog).counts
    // Ann stands on both sides, and her picture under another name on the other one.
    #expect(found[.identity] == 1 && found[.file] == 1)
  }

  private func addNear(_ sample: Int, _ earlier: Int, to catalog: Catalog) throws {
    var evidence = DuplicateEvidence()
    evidence.near = [NearPair(sample: sample, earlier: earlier, distance: 3, correlation: 0.97)]
    try catalog.add(evidence)
  }

  @Test("finds near duplicates on two sides, and in the folds of a protocol that only tests")
  func near() throws {
    let catalog = try store()
    try addNear(4, 2, to: catalog)
    let folds = ProtocolRecord(
      name: "f", kind: "list", specification: "{}",
      members: [Part(fold: 1, role: .test): [2], Part(fold: 2, role: .test): [4]], pairs: [:])
    let found = try audit(folds, catalog)
    #expect(found.counts == [.near: 1] && found.leaks == 1)
    let together = ProtocolRecord(
      name: "t", kind: "list", specification: "{}", members: [Part(fold: 1, role: .test): [2, 4]],
      pairs: [:])
    #expect(try audit(together, catalog).findings.isEmpty)
  }

  @Test("finds near duplicates through a copy that is on no side")
  func nearCopies() throws {
    let catalog = try store()
    // Of the three copies 0, 1 and 3 the search links the first one with 4.
    try addNear(4, 0, to: catalog)
    func found(_ train: [Int], _ test: [Int]) throws -> [String] {
      let record = ProtocolRecord(
        name: "n", kind: "list", specification: "{}",
        members: [Part(role: .train): train, Part(role: .test): test], pairs: [:])
      return try audit(record, catalog).findings.filter { $0.kind == .near }.map {
        "\($0.left) \($0.right)"
      }
    }
    #expect(try found([3], [4]) == ["Bob/2.jpg Cem/1.jpg"])
    #expect(try found([1, 3], [4]) == ["Ann/2.jpg Cem/1.jpg", "Bob/2.jpg Cem/1.jpg"])
    // The first copy is with the near duplicate, another one is not.
    #expect(try found([0, 4], [3]) == ["Bob/2.jpg Cem/1.jpg"])
    #expect(try found([3, 4], [2]).isEmpty)
  }

  @Test("says why it may have missed leaks when the search for duplicates is incomplete")
  func gaps() throws {
    let catalog = try store()
    let record = ProtocolRecord(
      name: "p", kind: "list", specification: "{}", members: [Part(role: .test): [0]], pairs: [:])
    var evidence = DuplicateEvidence()
    evidence.uncompared = [NearPair(sample: 4, earlier: 2, distance: 3)]
    evidence.truncated = [5]
    try catalog.add(evidence)
    #expect(try audit(record, catalog).gaps.count == 2)
    try catalog.forgetDuplicateSearch()
    let gaps = try audit(record, catalog).gaps
    #expect(gaps.count == 1 && gaps[0].hasPrefix("1 shard was not searched"))
  }

  @Test("tells a name in NFC from its twin in NFD as two people")
  func unicode() throws {
    var table = SampleTable()
    table.append(0, dataset: "d", identity: "Zo\u{EB}")
    table.append(1, dataset: "d", identity: "Zoe\u{308}")
    #expect(table.identities.count == 2)
    let catalog = try catalog([image("Zo\u{EB}", 1), image("Zoe\u{308}", 1)], in: scratch)
    let index = try ImageIndex(catalog, dataset: "d")
    #expect(
      index.id(NamedImage(name: "Zo\u{EB}", number: 1))
        != index.id(NamedImage(name: "Zoe\u{308}", number: 1)))
  }

  @Test("an identity split draws its sides by its seed")
  func seeds() throws {
    let catalog = try catalog(
      (0..<60).flatMap { p in (1...2).map { image("p\(p)", $0) } }, in: scratch)
    let table = try SampleTable(catalog)
    func sides(_ seed: Int, exact: Bool) throws -> [Int] {
      try IdentitySplit(train: 0.5, validation: 0, seed: seed, isExact: exact).apply(to: table)[
        .train]?.ids ?? []
    }
    for exact in [false, true] {
      #expect(try sides(0, exact: exact) == sides(0, exact: exact))
      #expect(try sides(0, exact: exact) != sides(1, exact: exact))
    }
    func folds(_ seed: Int) throws -> [[Int]] {
      try IdentitySplit(train: 0.5, validation: 0, seed: seed).folds(
        3, of: table, linked: LinkedIdentities(table)
      ).map(\.ids)
    }
    #expect(try folds(0) != folds(1))
  }

  @Test("of a file of pairs takes ./ and absolute paths inside the dataset's folder")
  func paths() throws {
    let catalog = try store()
    let root = scratch.file("d")
    let text = """
      note,left_path,right_path,genuine
      a,./Ann/1.jpg,\(root)/Ann/2.jpg,1
      b,././Bob/1.jpg,Cem/1.jpg,0

      """
    try scratch.write(Array(text.utf8), to: "pairs.csv")
    let record = try PairCSV.read(
      scratch.file("pairs.csv"), name: "q", catalog, allowMissing: false)
    #expect(
      record.pairs[Part(role: .test)] == [
        Pair(left: 0, right: 1, genuine: true), Pair(left: 2, right: 4, genuine: false),
      ])
    try scratch.write(
      Array(text.replacing(root, with: "/elsewhere").utf8), to: "pairs.csv")
    #expect(throws: PairError.self) {
      try PairCSV.read(scratch.file("pairs.csv"), name: "q", catalog, allowMissing: false)
    }
  }

  @Test("a list of people that is given as pairs is called what it is")
  func people() throws {
    // As peopleDevTrain.txt begins, with a count, and as people.txt does, with the sets and a count.
    for header in ["2", "1\n2"] { try people(header) }
  }

  private func people(_ header: String) throws {
    try scratch.write(Array("\(header)\nAnn\t2\nBob\t2\n".utf8), to: "people.txt")
    do throws(ListError) {
      _ = try NamedPairList(try ListFile(scratch.file("people.txt")))
      Issue.record("people were taken for pairs")
    } catch { #expect(error.reason.contains("list of people")) }
  }
}

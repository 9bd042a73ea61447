import Catalog
import TestSupport
import Testing

@testable import Pairs

@Suite("A leak audit")
struct AuditTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
  }

  private func image(_ identity: String, _ number: Int, content: String? = nil) -> TestImage {
    TestImage(
      dataset: "d", identity: identity, number: number, path: "\(identity)/\(number).jpg",
      content: content)
  }

  private func audit(
    _ images: [TestImage], train: [String], test: [String], pairs: [(String, String)] = []
  ) throws -> [Finding.Kind: Int] {
    let catalog = try catalog(images, in: scratch)
    var ids: [String: Int] = [:]
    try catalog.forEachImage { ids[$0.path] = $0.id }
    let record = ProtocolRecord(
      name: "p", kind: "list", specification: "{}",
      members: [
        Part(role: .train): train.compactMap { ids[$0] },
        Part(role: .test): test.compactMap { ids[$0] },
      ],
      pairs: [
        Part(role: .test): pairs.map {
          Pair(left: ids[$0.0] ?? -1, right: ids[$0.1] ?? -1, genuine: true)
        }
      ])
    return try LeakAudit(
      record, table: SampleTable(catalog), links: catalog.duplicateLinks(), catalog: catalog,
      checksPairs: true
    ).counts
  }

  @Test("finds nothing where nothing is shared")
  func clean() throws {
    let images = [image("Ann_Lee", 1), image("Ann_Lee", 2), image("Bob_Orr", 1)]
    #expect(
      try audit(images, train: ["Ann_Lee/1.jpg", "Ann_Lee/2.jpg"], test: ["Bob_Orr/1.jpg"]) == [:])
  }

  @Test("finds a person, a copy of a file and a turned name on the other side")
  func shared() throws {
    let images = [
      image("Ann_Lee", 1), image("Ann_Lee", 2), image("Bob_Orr", 1, content: "same"),
      image("Cem_Ay", 1, content: "same"), image("Lee_Ann", 1), image("Jonathan_Fox", 1),
      image("Johnathan_Fox", 1), image("001", 1), image("002", 1),
    ]
    let found = try audit(
      images, train: ["Ann_Lee/1.jpg", "Bob_Orr/1.jpg", "Jonathan_Fox/1.jpg", "001/1.jpg"],
      test: ["Ann_Lee/2.jpg", "Cem_Ay/1.jpg", "Lee_Ann/1.jpg", "Johnathan_Fox/1.jpg", "002/1.jpg"])
    #expect(found == [.identity: 1, .file: 1, .nameVariant: 2])
  }

  @Test("finds names of one word that differ in case or in the form of Unicode, in one dataset")
  func oneWord() throws {
    let (composed, decomposed) = ("Zo\u{EB}", "Zoe\u{308}")
    // The helper knows paths by equality, so names in two forms need paths of their own.
    func image(_ dataset: String, _ identity: String, _ path: String) -> TestImage {
      TestImage(dataset: dataset, identity: identity, number: 1, path: path)
    }
    let images = [
      image("d", "anna", "1"), image("d", "Anna", "2"), image("d", composed, "3"),
      image("d", decomposed, "4"), image("d", "bob", "5"), image("d", "bobo", "6"),
      image("d", "001", "7"), image("e", "ANNA", "8"), image("e", "001", "9"),
    ]
    let found = try audit(images, train: ["1", "3", "5", "7"], test: ["2", "4", "6", "8", "9"])
    #expect(found == [.nameVariant: 2])
  }

  @Test("follows copies through a file that is on no side")
  func chain() throws {
    // 1 and 2 differ as files and not as pixels; 3 is a copy of the file 2.
    let images = [image("Ann_Lee", 1), image("Ann_Lee", 2), image("Bob_Orr", 3)]
    let catalog = try catalog(images, in: scratch)
    var ids: [String: Int] = [:]
    try catalog.forEachImage { ids[$0.path] = $0.id }
    let all = images.compactMap { ids[$0.path] }
    let links = [
      DuplicateLink(kind: .pixels, later: all[1], earlier: all[0]),
      DuplicateLink(kind: .file, later: all[2], earlier: all[1]),
    ]
    let record = ProtocolRecord(
      name: "p", kind: "list", specification: "{}",
      members: [Part(role: .train): [all[0]], Part(role: .test): [all[2]]], pairs: [:])
    let audit = try LeakAudit(
      record, table: SampleTable(catalog), links: links, catalog: catalog)
    #expect(audit.counts == [.pixels: 1])
  }

  @Test("finds labels that contradict the names, and names every two variants once")
  func labels() throws {
    let images = ["Jon-Smithson", "Jon_Smithson", "Jon_Smithsons"].map { image($0, 1) }
    let paths = images.map(\.path)
    #expect(
      try audit(
        images, train: [paths[0]], test: Array(paths[1...]), pairs: [(paths[1], paths[2])])
        == [.nameVariant: 2, .contradictedLabel: 1])
  }

  @Test("finds a sample that stands on both sides itself")
  func both() throws {
    let images = [image("Ann_Lee", 1), image("Bob_Orr", 1)]
    #expect(
      try audit(images, train: ["Ann_Lee/1.jpg", "Bob_Orr/1.jpg"], test: ["Ann_Lee/1.jpg"])
        == [.identity: 1])
  }

  @Test("finds pairs that are there twice, in either order, and pairs of copies")
  func pairs() throws {
    let images = [
      image("Ann_Lee", 1), image("Ann_Lee", 2), image("Ann_Lee", 3, content: "same"),
      image("Ann_Lee", 4, content: "same"),
    ]
    let paths = images.map(\.path)
    #expect(
      try audit(
        images, train: [], test: paths,
        pairs: [(paths[0], paths[1]), (paths[1], paths[0]), (paths[2], paths[3])])
        == [.repeatedPair: 1, .identicalPair: 1])
  }
}

@Suite("Pairs in files")
struct PairFileTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
  }

  @Test("are the same after writing and reading them", arguments: 0..<12)
  func csvRoundTrip(seed: Int) throws {
    // Names that CSV has to quote, and two datasets with the same paths in every second case.
    let names = ["Ann, Lee", "Bob \"B\" Orr", "Çem\nAy", "plain", " space "]
    let images = (seed % 2 == 0 ? ["d"] : ["d", "e"]).flatMap { dataset in
      names.flatMap { name in
        (1...4).map {
          TestImage(dataset: dataset, identity: name, number: $0, path: "\(name)/\($0).jpg")
        }
      }
    }
    let catalog = try catalog(images, in: scratch)
    let draw = ProtocolMaker.Draw(counts: nil, cap: 3, seed: seed)
    let table = try SampleTable(catalog)
    let maker = ProtocolMaker(table, links: [], draw: draw)
    let split = IdentitySplit(train: 0.5, validation: 0, seed: seed, isExact: true)
    let record =
      try seed % 3 == 0
      ? maker.folds(2, split, name: "p")
      : seed % 3 == 1 ? maker.split(split, name: "p") : maker.sample(name: "p")
    var text = ""
    try PairCSV.write(
      record.pairs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, catalog
    ) { text += $0 }
    try scratch.write(Array(text.utf8), to: "pairs.csv")
    let read = try PairCSV.read(scratch.file("pairs.csv"), name: "q", catalog, allowMissing: false)
    #expect(read.pairs == record.pairs)
    #expect(read.missing.isEmpty)
  }

  @Test("in LFW's form are the same after writing and reading them", arguments: [1, 3])
  func textRoundTrip(folds: Int) throws {
    let images = (0..<12).flatMap { person in
      (1...4).map {
        TestImage(identity: "Person \(person)", number: $0, path: "\(person)/\($0).jpg")
      }
    }
    let catalog = try catalog(images, in: scratch)
    let maker = ProtocolMaker(
      try SampleTable(catalog), links: [],
      draw: ProtocolMaker.Draw(counts: PairCounts(genuine: 9, impostor: 9), seed: 1))
    let split = IdentitySplit(train: 0.5, validation: 0, seed: 1, isExact: true)
    let record = try folds == 1 ? maker.sample(name: "p") : maker.folds(folds, split, name: "p")
    let parts = record.pairs.sorted { $0.key < $1.key }.map(\.value)
    try scratch.write(Array(PairText.text(parts, catalog).utf8), to: "pairs.txt")
    let read = try PairText.read(
      scratch.file("pairs.txt"), name: "q", ImageIndex(catalog, dataset: "lfw"),
      allowMissing: false)
    #expect(read.pairs == record.pairs)
  }

  @Test("in LFW's form are refused where that form would lie or lose something")
  func textRefuses() throws {
    func image(_ dataset: String, _ person: String, _ number: Int, _ path: String) -> TestImage {
      TestImage(dataset: dataset, identity: person, number: number, path: path)
    }
    let catalog = try catalog(
      [
        image("d", "a", 1, "a/1"), image("d", "a", 2, "a/2"), image("d", "b", 1, "b/1"),
        image("e", "a", 1, "x/a/1"), image("e", "a", 1, "y/a/1"), image("e", "b", 1, "y/b/1"),
      ], in: scratch)
    var ids: [String: Int] = [:]
    try catalog.forEachImage { ids[$0.path] = $0.id }
    func text(_ pairs: (String, String, Bool)...) throws -> String {
      try PairText.text(
        [pairs.map { Pair(left: ids[$0.0] ?? -1, right: ids[$0.1] ?? -1, genuine: $0.2) }], catalog)
    }
    let (genuine, impostor) = (("a/1", "a/2", true), ("a/1", "b/1", false))
    #expect(try text(genuine, impostor) == "1\na\t1\t2\na\t1\tb\t1\n")
    #expect(throws: PairError.self) { try text(impostor, genuine) }
    #expect(throws: PairError.self) { try text(("a/1", "b/1", true), impostor) }
    #expect(throws: PairError.self) { try text(genuine, ("a/1", "a/2", false)) }
    // Two files with one name and number.
    #expect(throws: PairError.ambiguousImage(dataset: "e", path: "y/a/1")) {
      try text(("x/a/1", "y/a/1", true), ("x/a/1", "y/b/1", false))
    }
  }

  @Test("name the images that the store lacks, in either form")
  func missingImages() throws {
    let catalog = try catalog(
      ["a", "b"].flatMap { name in
        (1...2).map {
          TestImage(dataset: "d", identity: name, number: $0, path: "\(name)/\($0).jpg")
        }
      }, in: scratch)
    let lines = "a/1.jpg,a/2.jpg,1\na/1.jpg,b/4.jpg,0\nb/1.jpg,b/3.jpg,1\n"
    try scratch.write(Array("left_path,right_path,genuine\n\(lines)".utf8), to: "pairs.csv")
    let csv = try PairCSV.read(scratch.file("pairs.csv"), name: "q", catalog, allowMissing: true)
    #expect(csv.missingImages == ["b/3.jpg", "b/4.jpg"])
    let audit = try LeakAudit(csv, table: SampleTable(catalog), links: [], catalog: catalog)
    #expect(audit.counts[.missingImage] == 2)
    try scratch.write(Array("1\na\t1\t2\na\t1\tb\t4\n".utf8), to: "pairs.txt")
    let text = try PairText.read(
      scratch.file("pairs.txt"), name: "q", ImageIndex(catalog, dataset: "d"), allowMissing: true)
    #expect(text.missingImages == ["b 4"])
  }

  @Test("that cannot be pairs are blamed at their line")
  func blames() throws {
    let catalog = try catalog(
      [1, 2].map { TestImage(dataset: "d", identity: "a", number: $0, path: "a/\($0).jpg") },
      in: scratch)
    func line(_ text: String) throws -> Int? {
      try scratch.write(Array(text.utf8), to: "pairs.csv")
      do {
        _ = try PairCSV.read(scratch.file("pairs.csv"), name: "q", catalog, allowMissing: false)
        Issue.record("the file was taken")
        return nil
      } catch let error as ListError { return error.line }
    }
    let header = "left_path,right_path,genuine,fold,role\n"
    #expect(try line("left,right\n") == 1)
    #expect(try line("left_path,right_path,genuine,genuine\n") == 1)
    // Folds count from 1; without a gap; 0 stands for none at all.
    #expect(
      try line(header + "a/1.jpg,a/2.jpg,1,1,test\na/1.jpg,a/2.jpg,1,0,test\n") == 3)
    #expect(try line(header + "a/1.jpg,a/2.jpg,1,2,test\n") == nil)
    #expect(try line(header + "a/1.jpg,a/2.jpg,1,0,test\na/1.jpg,a/2.jpg,yes,0,test\n") == 3)
    #expect(try line(header + "a/1.jpg,a/2.jpg,1,-1,test\n") == 2)
    #expect(try line(header + "a/1.jpg,a/2.jpg,1,0,tests\n") == 2)
    #expect(try line(header + "a/1.jpg,a/2.jpg,1\n") == 2)
    #expect(try line(header + "a/1.jpg,a/1.jpg,1,0,test\n") == 2)
    #expect(try line(header + "\"a/1.jpg,a/2.jpg,1,0,test\n") == 2)
    #expect(try line(header) == nil)
    #expect(throws: PairError.missingImages(pairs: 1, images: ["a/3.jpg"])) {
      try scratch.write(Array((header + "a/1.jpg,a/3.jpg,1,0,test\n").utf8), to: "pairs.csv")
      _ = try PairCSV.read(scratch.file("pairs.csv"), name: "q", catalog, allowMissing: false)
    }
  }
}

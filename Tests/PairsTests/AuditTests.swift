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
    try PairFile.writeCSV(
      record.pairs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, catalog
    ) { text += $0 }
    try scratch.write(Array(text.utf8), to: "pairs.csv")
    let read = try PairFile.read(
      csv: scratch.file("pairs.csv"), name: "q", catalog, allowMissing: false)
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
    try scratch.write(Array(PairFile.text(parts, catalog).utf8), to: "pairs.txt")
    let read = try PairFile.read(
      text: scratch.file("pairs.txt"), name: "q", ImageIndex(catalog, dataset: "lfw"),
      allowMissing: false)
    #expect(read.pairs == record.pairs)
  }

  @Test("that cannot be pairs are blamed at their line")
  func blames() throws {
    let catalog = try catalog(
      [1, 2].map { TestImage(dataset: "d", identity: "a", number: $0, path: "a/\($0).jpg") },
      in: scratch)
    func line(_ text: String) throws -> Int? {
      try scratch.write(Array(text.utf8), to: "pairs.csv")
      do {
        _ = try PairFile.read(
          csv: scratch.file("pairs.csv"), name: "q", catalog, allowMissing: false)
        Issue.record("the file was taken")
        return nil
      } catch PairError.list(let error) { return error.line }
    }
    let header = "left_path,right_path,genuine,fold,role\n"
    #expect(try line("left,right\n") == 1)
    #expect(try line("left_path,right_path,genuine,fouls\n") == 1)
    #expect(try line(header + "a/1.jpg,a/2.jpg,1,0,test\na/1.jpg,a/2.jpg,yes,0,test\n") == 3)
    #expect(try line(header + "a/1.jpg,a/2.jpg,1,-1,test\n") == 2)
    #expect(try line(header + "a/1.jpg,a/2.jpg,1,0,tests\n") == 2)
    #expect(try line(header + "a/1.jpg,a/2.jpg,1\n") == 2)
    #expect(try line(header + "a/1.jpg,a/1.jpg,1,0,test\n") == 2)
    #expect(try line(header + "\"a/1.jpg,a/2.jpg,1,0,test\n") == 2)
    #expect(try line(header) == nil)
    #expect(throws: PairError.missingImages(pairs: 1, images: ["a/3.jpg"])) {
      try scratch.write(Array((header + "a/1.jpg,a/3.jpg,1,0,test\n").utf8), to: "pairs.csv")
      _ = try PairFile.read(
        csv: scratch.file("pairs.csv"), name: "q", catalog, allowMissing: false)
    }
  }
}

import Catalog
import TestSupport
import Testing

@testable import Pairs

/// Lists and errata after corrections of the store.
@Suite("Lists over a corrected store")
struct CorrectedStoreTests {
  private let scratch: TemporaryFolder
  private static let draw = ProtocolMaker.Draw(counts: nil, seed: 0)
  private static let swapped = ["Ann_0001": "Eva", "Eva_0001": "Ann"]

  init() throws {
    scratch = try TemporaryFolder()
  }

  private func image(_ name: String, _ number: Int, in folder: String = "") -> TestImage {
    TestImage(
      identity: name, number: number,
      path: folder + NamedImage(name: name, number: number).path)
  }

  /// Two images each of Ann and Eva, with the given images under another name.
  private func store(
    _ relabelled: [String: String], in folder: TemporaryFolder? = nil
  ) throws -> Catalog {
    let made = try catalog(
      [image("Ann", 1), image("Ann", 2), image("Eva", 1), image("Eva", 2)], in: folder ?? scratch)
    _ = try made.apply(
      relabelled.sorted { $0.key < $1.key }.map { name, identity in
        Correction(
          dataset: "lfw", path: "\(name.prefix(3))/\(name).jpg", action: .relabel,
          identity: identity)
      })
    return made
  }

  private func requested(
    _ source: ProtocolRequest.Source, _ store: Catalog, errata: [String: String]
  ) throws -> RequestedProtocols {
    try RequestedProtocols(
      ProtocolRequest(source, draw: Self.draw), store,
      datasets: [OfficialDataset(name: "lfw", lists: [:], errata: errata)])
  }

  private func idsByPath(_ store: Catalog) throws -> [String: Int] {
    var ids: [String: Int] = [:]
    try store.forEachImage { ids[$0.path] = $0.id }
    return ids
  }

  /// A pair of images given as "Ann_0001".
  private func pair(
    _ left: String, _ right: String, genuine: Bool, _ ids: [String: Int]
  ) throws -> Pair {
    let one = try #require(ids["\(left.prefix(3))/\(left).jpg"])
    let other = try #require(ids["\(right.prefix(3))/\(right).jpg"])
    return Pair(left: one, right: other, genuine: genuine)
  }

  private func record(_ pairs: [Pair]) -> ProtocolRecord {
    ProtocolRecord(
      name: "p", kind: "list", specification: "{}", members: [:],
      pairs: [Part(role: .test): pairs])
  }

  @Test("name the image that had the name at first, and the people's images so")
  func namesFiles() throws {
    let corrected = try store(Self.swapped)
    let ids = try idsByPath(corrected)
    let index = try ImageIndex(corrected, dataset: "lfw")
    for name in ["Ann", "Eva"] {
      let images = (1...2).map { NamedImage(name: name, number: $0) }
      let expected = images.compactMap { ids[$0.path] }
      #expect(images.compactMap { index.id($0) } == expected)
      #expect(index.ids(of: name).sorted() == expected.sorted())
    }
  }

  @Test("keep their labels; those that contradict the correction are named")
  func labels() throws {
    let corrected = try store(Self.swapped)
    let ids = try idsByPath(corrected)
    try scratch.write(Array("1\nAnn\t1\t2\nAnn\t1\tEva\t1\n".utf8), to: "pairs.txt")
    let requested = try requested(
      .named(scratch.file("pairs.txt")), corrected, errata: Self.swapped)
    let made = try #require(requested.made.first)
    let expected = [
      try pair("Ann_0001", "Ann_0002", genuine: true, ids),
      try pair("Ann_0001", "Eva_0001", genuine: false, ids),
    ]
    #expect(made.record.pairs == [Part(role: .test): expected])
    // The first pair compares Eva with Ann.
    #expect(made.audit.counts[.contradictedLabel] == 1 && made.audit.counts[.wrongLabel] == 1)
  }

  @Test("do not make the errata call a corrected pair wrong")
  func drawn() throws {
    func wrong(_ relabelled: [String: String], in folder: TemporaryFolder) throws -> Int {
      let requested = try requested(
        .sample, store(relabelled, in: folder), errata: Self.swapped)
      let made = try #require(requested.made.first)
      #expect(made.record.pairs[Part(role: .test)]?.count == 6)
      return made.audit.counts[.wrongLabel] ?? 0
    }
    // Of all six pairs, both genuine ones, and the first image of either with the other's second.
    #expect(try wrong([:], in: scratch) == 4)
    #expect(try wrong(Self.swapped, in: TemporaryFolder()) == 0)
  }

  @Test("take the person of the correction where the errata name another")
  func correctionWins() throws {
    let corrected = try store(["Ann_0001": "Zoe"])
    let pair = try pair("Ann_0001", "Eva_0002", genuine: false, idsByPath(corrected))
    let errata = try Errata(Self.swapped, corrected, dataset: "lfw")
    #expect(try errata.wrong(in: record([pair]), corrected).isEmpty)
  }

  @Test("go on where a corrected image and another would have one name")
  func sameNumber() throws {
    // As Bart_Hendricks_0001 becomes Ricky_Ray, who has an image 1.
    let corrected = try store(["Ann_0001": "Eva"])
    let ids = try idsByPath(corrected)
    let index = try ImageIndex(corrected, dataset: "lfw")
    #expect(index.id(NamedImage(name: "Ann", number: 1)) == ids["Ann/Ann_0001.jpg"])
    #expect(index.id(NamedImage(name: "Eva", number: 1)) == ids["Eva/Eva_0001.jpg"])
    #expect(try requested(.sample, corrected, errata: Self.swapped).made.count == 1)
  }

  @Test("of which two images have one name skip that name in the errata only")
  func ambiguous() throws {
    let twice = try catalog(
      [
        image("Ann", 1), image("Ann", 1, in: "again/"), image("Ann", 2), image("Eva", 1),
        image("Eva", 2),
      ], in: scratch)
    #expect(throws: PairError.self) { try ImageIndex(twice, dataset: "lfw") }
    let ids = try idsByPath(twice)
    let pairs = [
      try pair("Ann_0001", "Ann_0002", genuine: true, ids),
      try pair("Eva_0001", "Eva_0002", genuine: true, ids),
    ]
    let errata = try Errata(Self.swapped, twice, dataset: "lfw")
    #expect(try errata.wrong(in: record(pairs), twice) == [Part(role: .test): [1]])
    #expect(try requested(.sample, twice, errata: Self.swapped).made.count == 1)
  }

  @Test("are written with the names that reading them needs")
  func exports() throws {
    let corrected = try store(Self.swapped)
    let ids = try idsByPath(corrected)
    let pairs = [
      try pair("Ann_0001", "Ann_0002", genuine: true, ids),
      try pair("Ann_0001", "Eva_0002", genuine: false, ids),
    ]
    let text = try PairText.text([pairs], corrected)
    #expect(text == "1\nAnn\t1\t2\nAnn\t1\tEva\t2\n")
    try scratch.write(Array(text.utf8), to: "pairs.txt")
    let read = try PairText.read(
      scratch.file("pairs.txt"), name: "q", ImageIndex(corrected, dataset: "lfw"),
      allowMissing: false)
    #expect(read.pairs == [Part(role: .test): pairs])
    // Genuine by the corrected names: read again, it would be an impostor pair.
    let relabelled = [try pair("Eva_0001", "Ann_0002", genuine: true, ids), pairs[1]]
    #expect(throws: PairError.self) { try PairText.text([relabelled], corrected) }
  }
}

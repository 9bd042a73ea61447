import Catalog
import Foundation
import TestSupport
import Testing

@testable import Pairs

/// The official lists over catalogs that hold what the complete datasets do.
@Suite("The official protocols", .enabled(if: Surroundings.hasRealData, "needs real data"))
struct OfficialProtocolTests {
  private let scratch: TemporaryFolder
  private static let lists = "\(Surroundings.data)/lfw-protocol"
  private static let digests = [
    "pairs.txt": "9f1ba174e4e1c508ff7cdf10ac338a7d",
    "pairsDevTrain.txt": "4f27cbf15b2da4a85c1907eb4181ad21",
    "pairsDevTest.txt": "5132f7440eb68cf58910c8a45a2ac10b",
    "people.txt": "450f0863dd89e85e73936a6d71a3474b",
    "peopleDevTrain.txt": "54eaac34beb6d042ed3a7d883e247a21",
    "peopleDevTest.txt": "e4bf5be0a43b5dcd9dc5ccfcb8fb19c5",
  ]

  init() throws {
    scratch = try TemporaryFolder()
  }

  /// Every image of LFW, from its list of names.
  private func lfw(without missing: Set<String> = []) throws -> Catalog {
    let images = try lfwImages()
    #expect(images.count == 13_233)
    return try catalog(images.filter { !missing.contains($0.path) }, in: scratch)
  }

  private func protocols(
    _ catalog: Catalog, allowMissing: Bool = false
  ) throws -> LFWProtocols {
    try LFWProtocols(
      ImageIndex(catalog, dataset: "lfw"),
      lists: OfficialLists(folder: Self.lists, digests: Self.digests), allowMissing: allowMissing)
  }

  // Counts from the official lists, RECIPES section 4.3 of the source, and Technical Report 07-49.
  @Test("View 1 has the counts of its lists")
  func view1() throws {
    let catalog = try lfw()
    var protocols = try protocols(catalog)
    let record = try protocols.view1()
    let table = try SampleTable(catalog)
    func analysis(_ role: Role) -> PairAnalysis {
      PairAnalysis(
        record.pairs[Part(role: role)] ?? [], table: table, owners: table.ownersByID)
    }
    let train = analysis(.train)
    #expect(train.genuine == 1_100 && train.impostor == 1_100)
    #expect(train.people.genuine == 788 && train.people.impostor == 1_695)
    #expect(train.people.both == 351 && train.people.all == 2_132)
    #expect(train.images.all == 3_443)
    #expect(train.genuineHistogram == [5: 3, 4: 13, 3: 64, 2: 133, 1: 575])
    #expect(train.impostorHistogram == [5: 1, 4: 5, 3: 68, 2: 350, 1: 1_271])
    let test = analysis(.test)
    #expect(test.genuine == 500 && test.impostor == 500)
    #expect(test.people.genuine == 353 && test.people.impostor == 748)
    #expect(test.people.both == 138 && test.people.all == 963)
    #expect(test.images.all == 1_549)
    #expect(test.genuineHistogram == [4: 6, 3: 34, 2: 61, 1: 252])
    #expect(test.impostorHistogram == [4: 6, 3: 29, 2: 176, 1: 537])
    #expect(record.members[Part(role: .train)]?.count == 9_525)
    #expect(record.members[Part(role: .test)]?.count == 3_708)
    #expect(Set(protocols.statuses.values) == [.identical] && protocols.statuses.count == 4)
    let audit = try LeakAudit(
      record, table: table, links: catalog.duplicateLinks(), catalog: catalog, checksPairs: true)
    #expect(audit.leaks == 0)
  }

  @Test("View 2 has ten folds with nobody in two, and what it shares with View 1 is counted")
  func view2() throws {
    let catalog = try lfw()
    var protocols = try protocols(catalog)
    let record = try protocols.view2()
    let table = try SampleTable(catalog)
    #expect(record.pairs.count == 10)
    for (part, pairs) in record.pairs {
      #expect(part.role == .test)
      #expect(pairs.map(\.genuine) == (0..<600).map { $0 < 300 })
    }
    let all = PairAnalysis(
      record.pairs.values.flatMap(\.self), table: table, owners: table.ownersByID)
    #expect(all.people.all == 4_281 && all.images.all == 7_701)
    let people = (1...10).map { fold in
      let part = Part(fold: fold, role: .test)
      return PairAnalysis(record.pairs[part] ?? [], table: table, owners: table.ownersByID).people
        .all
    }
    #expect(people == [435, 409, 397, 423, 422, 419, 443, 443, 439, 451])
    let images = (1...10).map { record.members[Part(fold: $0, role: .test)]?.count }
    #expect(images == [1_369, 1_367, 1_089, 1_324, 1_016, 1_166, 1_690, 1_222, 1_207, 1_783])
    var audit = try LeakAudit(
      record, table: table, links: catalog.duplicateLinks(), catalog: catalog, checksPairs: true)
    #expect(audit.leaks == 0)
    audit.add(try protocols.views().findings)
    #expect(audit.counts[.viewPair] == 758)
    func viewPeople(_ role: Role) -> Int {
      audit.findings.count { $0.kind == .viewPerson && $0.detail == "View 1 \(role.rawValue)" }
    }
    #expect(viewPeople(.train) == 1_689 && viewPeople(.test) == 776)
    let variants = audit.findings.filter { $0.kind == .nameVariant }.map { [$0.left, $0.right] }
    #expect(variants.contains(["Nan_Wang", "Wang_Nan"]))
    #expect(variants.contains(["Wang_Yingfan", "Yingfan_Wang"]))
    #expect(variants.contains(["John_Gruden", "Jon_Gruden"]))
  }

  @Test("The seven wrongly labelled pairs of View 2 are found by line, and dropped when asked")
  func errata() throws {
    let catalog = try lfw()
    var protocols = try protocols(catalog)
    let record = try protocols.view2()
    let people = try lfwErrata()
    #expect(people.count == 20)
    let errata = try Errata(people, catalog, dataset: "lfw")
    let wrong = try errata.wrong(in: record, catalog)
    let lines = wrong.flatMap { part, places in
      places.map { LFWProtocols.line(part, $0 + 1) }
    }
    #expect(
      Set(lines)
        == Set([114, 187, 203, 2_500, 2_552, 2_553, 3_653].map { "pairs.txt line \($0)" }))
    let dropped = record.withoutErrata(wrong)
    #expect(dropped.name == "lfw-view2-errata-dropped")
    #expect(dropped.pairs.values.reduce(0) { $0 + $1.count } == 5_993)
    // The others keep the numbers they have in the list.
    let seventh = Part(fold: 7, role: .test)
    #expect(dropped.numbers(of: seventh) == (1...600).filter { $0 != 52 })
    #expect(dropped.pairs[Part(fold: 2, role: .test)] == record.pairs[Part(fold: 2, role: .test)])
    let development = try protocols.view1()
    let first = try errata.wrong(in: development, catalog)
    #expect(
      try catalog.images(
        (first[Part(role: .train)] ?? []).compactMap {
          development.pairs[Part(role: .train)]?[$0].right
        }
      ).values.contains { $0.path == "Recep_Tayyip_Erdogan/Recep_Tayyip_Erdogan_0004.jpg" })
  }

  @Test("What the views have in common is not counted with a list of either missing or cut")
  func viewsNeedAllLists() throws {
    let catalog = try lfw()
    for name in ["pairs.txt", "pairsDevTrain.txt", "pairsDevTest.txt"] {
      let text = try String(contentsOfFile: "\(Self.lists)/\(name)", encoding: .utf8)
      let kept = name == "pairsDevTrain.txt" ? text.prefix(9_000) : text[...]
      try scratch.write(Array(kept.utf8), to: "lists/\(name)")
    }
    let lists = OfficialLists(folder: scratch.file("lists"), digests: Self.digests)
    let index = try ImageIndex(catalog, dataset: "lfw")
    var protocols = LFWProtocols(index, lists: lists, allowMissing: false)
    _ = try protocols.view2()
    #expect(protocols.absentPeople == ["people.txt"])
    #expect(throws: ListError.self) { try protocols.views() }
    try FileManager.default.removeItem(atPath: scratch.file("lists/pairsDevTrain.txt"))
    #expect(throws: ListError.self) { try protocols.views() }
  }

  @Test("A missing image is refused by name, or its pair recorded under its own number")
  func missing() throws {
    // The one that a known mirror lacks; a test pair of View 1 needs it.
    let path = "Betsy_Coffin/Betsy_Coffin_0001.jpg"
    let catalog = try lfw(without: [path])
    var strict = try protocols(catalog)
    #expect(throws: PairError.missingImages(pairs: 1, images: [path])) { try strict.view1() }
    var tolerant = try protocols(catalog, allowMissing: true)
    let record = try tolerant.view1()
    let missing = try #require(record.missing[Part(role: .test)]?.first)
    #expect(missing.left == path || missing.right == path)
    #expect(record.pairs[Part(role: .test)]?.count == 999)
    try catalog.add(record)
    #expect(try catalog.missingPairs(of: "lfw-view1") == record.missing)
    let lines = try String(contentsOfFile: "\(Self.lists)/pairsDevTest.txt", encoding: .utf8)
      .split(separator: "\n")
    #expect(lines[missing.number].contains("Betsy_Coffin\t1"))
    #expect(record.numbers(of: Part(role: .test)).count { $0 == missing.number } == 0)
    #expect(record.numbers(of: Part(role: .test)).last == 1_000)
  }

  @Test("View 2 names an image that no pair needs and the store lacks, and goes on when told to")
  func missingPerson() throws {
    // In no pair of View 2, but one of the people of a fold.
    let catalog = try lfw(without: ["Betsy_Coffin/Betsy_Coffin_0001.jpg"])
    var strict = try protocols(catalog)
    #expect(
      throws: PairError.missingImages(pairs: 0, images: ["Betsy_Coffin/Betsy_Coffin_0001.jpg"])
    ) { try strict.view2() }
    var lenient = try protocols(catalog, allowMissing: true)
    let record = try lenient.view2()
    #expect(record.missing.isEmpty && record.pairs.values.joined().count == 6_000)
    let audit = try LeakAudit(
      record, table: SampleTable(catalog), links: [], catalog: catalog, checksPairs: true)
    #expect(audit.counts[.missingImage] == 1)
  }

  @Test("is the same protocol with and without leave to miss images, when none is missing")
  func leaveToMiss() throws {
    let catalog = try lfw()
    var (strict, lenient) = (try protocols(catalog), try protocols(catalog, allowMissing: true))
    #expect(try strict.view2().specification == lenient.view2().specification)
  }

  @Test("CFP names every image of its lists that is missing")
  func missingCFP() throws {
    let few = try catalog(
      [
        TestImage(
          dataset: "cfpw", identity: "001", pose: "frontal", number: 1, path: "001/frontal/01.jpg")
      ],
      in: scratch)
    let maker = try CFPProtocol(
      ImageIndex(few, dataset: "cfpw"), folder: "\(Surroundings.cfp)/Protocol", allowMissing: false)
    do {
      _ = try maker.record(.profile)
      Issue.record("one image was enough")
    } catch {
      guard case PairError.missingImages(_, let images) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(images.count == 6_999)
    }
  }

  @Test("CFP has fifty people a fold, and its repeated pairs are found")
  func cfp() throws {
    var images: [TestImage] = []
    for person in 1...500 {
      let identity = String(repeating: "0", count: 3 - "\(person)".count) + "\(person)"
      for (pose, count) in [("frontal", 10), ("profile", 4)] {
        for number in 1...count {
          let path = "\(identity)/\(pose)/\(number < 10 ? "0" : "")\(number).jpg"
          images.append(
            TestImage(dataset: "cfpw", identity: identity, pose: pose, number: number, path: path))
        }
      }
    }
    let catalog = try catalog(images, in: scratch)
    let table = try SampleTable(catalog)
    let maker = try CFPProtocol(
      ImageIndex(catalog, dataset: "cfpw"), folder: "\(Surroundings.cfp)/Protocol",
      allowMissing: false)
    for kind in CFPProtocol.Kind.allCases {
      let record = try maker.record(kind)
      #expect(record.pairs.count == 10)
      for fold in 1...10 {
        let part = Part(fold: fold, role: .test)
        let pairs = record.pairs[part] ?? []
        #expect(pairs.map(\.genuine) == (0..<700).map { $0 < 350 })
        let compared = try catalog.images(pairs.flatMap { [$0.left, $0.right] })
        let people = Set(compared.values.map(\.identity))
        #expect(people.count == 50)
        #expect(people.compactMap { Int($0) }.allSatisfy { ($0 - 1) / 50 == fold - 1 })
        #expect(record.members[part]?.count == (kind == .frontal ? 500 : 700))
      }
      let audit = try LeakAudit(
        record, table: table, links: catalog.duplicateLinks(), catalog: catalog, checksPairs: true)
      #expect(audit.leaks == 0)
      #expect(audit.counts[.repeatedPair] ?? 0 == (kind == .frontal ? 130 : 0))
      if kind == .profile {
        let pairs = record.pairs.values.flatMap(\.self)
        let compared = try catalog.images(pairs.flatMap { [$0.left, $0.right] })
        #expect(pairs.allSatisfy { compared[$0.left]?.pose == "frontal" })
        #expect(pairs.allSatisfy { compared[$0.right]?.pose == "profile" })
      }
    }
  }

  @Test("LFW names a missing image that no pair compares")
  func missingMember() throws {
    let whole = try lfw()
    var protocols = try protocols(whole)
    let record = try protocols.view2()
    let compared = Set(record.pairs.values.joined().flatMap { [$0.left, $0.right] })
    var spare: String?
    try whole.forEachImage { image in
      if spare == nil, image.number ?? 1 > 1, !compared.contains(image.id) { spare = image.path }
    }
    let path = try #require(spare)
    var images: [TestImage] = []
    try whole.forEachImage { image in
      guard image.path != path else { return }
      images.append(
        TestImage(identity: image.identity, number: image.number ?? 1, path: image.path))
    }
    let other = try TemporaryFolder()
    var rest = try self.protocols(catalog(images, in: other))
    do {
      _ = try rest.view2()
      Issue.record("the missing image was not noticed")
    } catch {
      guard case PairError.missingImages(_, let images) = error else { throw error }
      #expect(images == [path])
    }
  }

  @Test("CFP's lists are refused when one of them is cut short")
  func shortCFP() throws {
    let lists = scratch.file("Protocol")
    try FileManager.default.copyItem(atPath: "\(Surroundings.cfp)/Protocol", toPath: lists)
    let path = "\(lists)/Split/FF/01/same.txt"
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    try lines.dropLast().joined(separator: "\n").write(
      toFile: path, atomically: true, encoding: .utf8)
    let few = try catalog(
      [
        TestImage(
          dataset: "cfpw", identity: "001", pose: "frontal", number: 1, path: "001/frontal/01.jpg")
      ],
      in: scratch)
    let maker = try CFPProtocol(
      ImageIndex(few, dataset: "cfpw"), folder: lists, allowMissing: true)
    do {
      _ = try maker.record(.frontal)
      Issue.record("349 pairs were taken for 350")
    } catch let list as ListError {
      #expect(list.path == path && list.reason.contains("349 pairs of 350"))
    }
  }
}

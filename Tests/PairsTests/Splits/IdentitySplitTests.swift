import Catalog
import Randomness
import Testing

@testable import Pairs

@Suite("A split by identity")
struct IdentitySplitTests {
  /// The sides of a split; `nil` if a side has too few people.
  private func sides(
    _ split: IdentitySplit, of table: SampleTable, linked: LinkedIdentities? = nil
  ) throws -> [Role: SampleTable]? {
    do throws(PairError) {
      return try split.apply(to: table, linked: linked)
    } catch {
      guard case .tooFewIdentities = error else { throw error }
      return nil
    }
  }

  /// Whether a table is so small that every split of it may have a side with too few people.
  private func isSmall(_ table: SampleTable) -> Bool { table.identities.count < 15 }

  @Test("has nobody on two sides and loses nobody", arguments: randomCounts)
  func isDisjoint(counts: [Int]) throws {
    let all = table(counts)
    var splits = 0
    for seed in 0..<5 {
      let split = IdentitySplit(train: 0.5, validation: 0.2, seed: seed)
      guard let parts = try sides(split, of: all) else { continue }
      splits += 1
      let names = parts.values.map { Set($0.identities.map(\.name)) }
      #expect(names.reduce(0) { $0 + $1.count } == all.identities.count)
      #expect(names.reduce(into: Set()) { $0.formUnion($1) }.count == all.identities.count)
      #expect(parts.values.reduce(0) { $0 + $1.ids.count } == all.ids.count)
    }
    #expect(splits > 0 || isSmall(all))
  }

  @Test("leaves everybody on their side when others are added")
  func isStable() throws {
    let split = IdentitySplit(train: 0.7, validation: 0, seed: 3)
    let few = try split.apply(to: table(Array(repeating: 2, count: 50)))
    let many = try split.apply(to: table(Array(repeating: 2, count: 100)))
    for role in [Role.train, .test] {
      let before = Set(try #require(few[role]).identities.map(\.name))
      let after = Set(try #require(many[role]).identities.map(\.name))
      #expect(before.isSubset(of: after))
    }
  }

  @Test("puts about the asked share on each side")
  func followsShares() throws {
    let parts = try IdentitySplit(train: 0.7, validation: 0.1, seed: 0)
      .apply(to: table(Array(repeating: 2, count: 2_000)))
    // Three standard deviations of a binomial draw of 2,000.
    #expect(abs(Double(try #require(parts[.train]).identities.count) - 1_400) < 62)
    #expect(abs(Double(try #require(parts[.validation]).identities.count) - 200) < 41)
  }

  @Test("is another with another seed, exact or not")
  func followsSeed() throws {
    let all = table(Array(repeating: 2, count: 60))
    for isExact in [false, true] {
      let sides = try (0..<4).map { seed in
        try IdentitySplit(train: 0.5, validation: 0, seed: seed, isExact: isExact)
          .apply(to: all)[.train]?.identities.map(\.name) ?? []
      }
      #expect(Set(sides).count == 4)
    }
  }

  @Test("puts people who share a picture where there is room for all of them")
  func roomForGroups() throws {
    // 8 people, 2 of whom test exactly; three of them share pictures.
    let all = table(Array(repeating: 2, count: 8))
    let links = [(2, 0), (4, 0)].map { DuplicateLink(kind: .file, later: $0.0, earlier: $0.1) }
    for seed in 0..<10 {
      let parts = try IdentitySplit(train: 0.75, validation: 0, seed: seed, isExact: true)
        .apply(to: all, linked: LinkedIdentities(all, links: links))
      #expect(parts[.test]?.identities.count == 2 && parts[.train]?.identities.count == 6)
    }
  }

  @Test("takes the named people for the test")
  func namesTestPeople() throws {
    let split = IdentitySplit(train: 0.7, validation: 0, seed: 0, testIdentities: ["p1", "p3"])
    let parts = try split.apply(to: table([2, 2, 2, 2, 2]))
    #expect(parts[.test]?.identities.map(\.name) == ["p1", "p3"])
    #expect(parts[.train]?.identities.map(\.name) == ["p0", "p2", "p4"])
    #expect(throws: PairError.unknownIdentity(name: "q")) {
      try IdentitySplit(train: 0.7, validation: 0, seed: 0, testIdentities: ["q"])
        .apply(to: table([2, 2]))
    }
  }

  @Test("has no test side when the other shares leave nothing")
  func mayHaveNoTest() throws {
    let parts = try IdentitySplit(train: 0.7, validation: 0.3, seed: 0)
      .apply(to: table(Array(repeating: 2, count: 40)))
    #expect(Set(parts.keys) == [.train, .validation])
  }

  @Test("is refused when a side has too few people")
  func refusesTooFew() {
    #expect(throws: PairError.self) {
      try IdentitySplit(train: 0.7, validation: 0, seed: 0).apply(to: table([5]))
    }
    #expect(throws: PairError.emptyStore) {
      try IdentitySplit(train: 0.7, validation: 0, seed: 0).apply(to: table([]))
    }
  }

  @Test("keeps identities that share a picture on one side", arguments: randomCounts)
  func keepsLinked(counts: [Int]) throws {
    let all = table(counts)
    let owner = owners(all)
    var random = RandomStream(seed: counts.count, "links")
    let links = (0..<counts.count / 2).map { _ in
      let (one, other) = random.two(below: all.ids.count)
      return DuplicateLink(kind: .near, later: max(one, other), earlier: min(one, other))
    }
    let linked = LinkedIdentities(all, links: links)
    for isExact in [false, true] {
      var splits = 0
      for seed in 0..<5 {
        let split = IdentitySplit(train: 0.6, validation: 0, seed: seed, isExact: isExact)
        guard let parts = try sides(split, of: all, linked: linked) else { continue }
        splits += 1
        var side: [String: Role] = [:]
        for (role, part) in parts {
          for identity in part.identities { side[identity.name] = role }
        }
        #expect(side.count == all.identities.count)
        for link in links {
          #expect(side[owner[link.later] ?? ""] == side[owner[link.earlier] ?? ""])
        }
      }
      #expect(splits > 0 || isSmall(all))
    }
  }

  @Test("keeps identities on one side that share a picture with one outside the table")
  func linkedThroughOthers() {
    // Copies are linked to the first one, here 0, and near duplicates to the first copy. What two pictures
    // have in common with a third does not make them alike: a link of their own would say so.
    let chains: [([(kind: DuplicatePair.Kind, later: Int, earlier: Int)], [Int])] = [
      ([(.file, 2, 0), (.pixels, 4, 0)], [0, 1, 1, 3]),
      ([(.near, 9, 2), (.near, 9, 4)], [0, 1, 2, 3]),
      ([(.file, 2, 0), (.near, 9, 0), (.file, 10, 9), (.file, 4, 9)], [0, 1, 1, 3]),
    ]
    let some = table([2, 2, 2, 2]).samples { $1 != 0 }
    for (chain, leaders) in chains {
      let linked = LinkedIdentities(
        some,
        links: chain.map { DuplicateLink(kind: $0.kind, later: $0.later, earlier: $0.earlier) }
      )
      #expect(linked.leaders == leaders)
    }
  }

  @Test("meets the shares to one person when asked to")
  func isExact() throws {
    let split = IdentitySplit(train: 0.7, validation: 0.1, seed: 5, isExact: true)
    // Of seven people a tenth is one, too few to validate on.
    for count in [7, 10] {
      #expect(throws: PairError.tooFewIdentities(role: .validation, count: 1)) {
        try split.apply(to: table(Array(repeating: 2, count: count)))
      }
    }
    for count in [33, 100] {
      let parts = try split.apply(to: table(Array(repeating: 2, count: count)))
      #expect(parts[.test]?.identities.count == Int((0.2 * Double(count)).rounded()))
      #expect(parts[.validation]?.identities.count == Int((0.1 * Double(count)).rounded()))
    }
  }

  @Test("leaves out who shares a picture with somebody named to test")
  func namedAndLinked() throws {
    let all = table([2, 2, 2, 2, 2])
    // A picture of p0 and one of p2.
    let linked = LinkedIdentities(all, links: [DuplicateLink(kind: .file, later: 4, earlier: 1)])
    let split = IdentitySplit(train: 0.7, validation: 0, seed: 0, testIdentities: ["p0", "p1"])
    let parts = try split.apply(to: all, linked: linked)
    #expect(parts[.test]?.identities.map(\.name) == ["p0", "p1"])
    #expect(parts[.train]?.identities.map(\.name) == ["p3", "p4"])
  }

  @Test("into folds puts everybody into one of them", arguments: [false, true])
  func folds(isExact: Bool) throws {
    let all = table(Array(repeating: 3, count: 103))
    let split = IdentitySplit(train: 0.7, validation: 0, seed: 2, isExact: isExact)
    let folds = try split.folds(10, of: all, linked: LinkedIdentities(all))
    #expect(folds.count == 10)
    let names = folds.flatMap { $0.identities.map(\.name) }
    #expect(names.count == 103 && Set(names).count == 103)
    if isExact { #expect(Set(folds.map(\.identities.count)) == [10, 11]) }
  }
}

@Suite("A split by image")
struct ImageSplitTests {
  @Test("trains on seven of ten images of everybody and tests on three")
  func sevenOfTen() throws {
    let all = table(Array(repeating: 10, count: 500))
    let parts = try ImageSplit(train: 0.7, validation: 0, seed: 0).apply(to: all, links: [])
    #expect(parts[.train]?.ids.count == 3_500 && parts[.test]?.ids.count == 1_500)
    for role in [Role.train, .test] {
      let counts = Set(try #require(parts[role]).identities.map(\.samples.count))
      #expect(counts == [role == .train ? 7 : 3])
    }
    #expect(Set(parts.values.flatMap(\.ids)).count == 5_000)
  }

  @Test("keeps copies of a file on one side", arguments: 0..<20)
  func keepsCopies(seed: Int) throws {
    let all = table([10, 10, 10])
    let links = [
      DuplicateLink(kind: .file, later: 1, earlier: 0),
      DuplicateLink(kind: .file, later: 2, earlier: 0),
      DuplicateLink(kind: .pixels, later: 15, earlier: 11),
    ]
    let parts = try ImageSplit(train: 0.7, validation: 0, seed: seed).apply(to: all, links: links)
    let train = Set(try #require(parts[.train]).ids)
    #expect(train.count == 21)
    #expect(train.contains(0) == train.contains(1) && train.contains(0) == train.contains(2))
    #expect(train.contains(15) == train.contains(11))
  }

  @Test("keeps copies together that are so by a third", arguments: 0..<20)
  func keepsChains(seed: Int) throws {
    let links = [
      DuplicateLink(kind: .pixels, later: 1, earlier: 0),
      DuplicateLink(kind: .file, later: 2, earlier: 1),
    ]
    let parts = try ImageSplit(train: 0.7, validation: 0, seed: seed)
      .apply(to: table([10, 10]), links: links)
    let train = Set(try #require(parts[.train]).ids)
    #expect(Set([0, 1, 2].map { train.contains($0) }).count == 1)
  }

  @Test("is refused when a side with a share has nobody")
  func refusesEmptySide() {
    #expect(throws: PairError.tooFewIdentities(role: .test, count: 0)) {
      try ImageSplit(train: 0.95, validation: 0, seed: 0).apply(to: table([10, 10]), links: [])
    }
  }
}

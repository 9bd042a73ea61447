import Catalog
import Randomness
import Testing

@testable import Pairs

/// A table of identities with the given numbers of samples; ids count from 0.
private func table(_ counts: [Int]) -> SampleTable {
  var table = SampleTable()
  var id = 0
  for (index, count) in counts.enumerated() {
    for _ in 0..<count {
      table.append(id, dataset: "d", identity: "p\(index)")
      id += 1
    }
  }
  return table
}

private func owners(_ table: SampleTable) -> [Int: String] {
  var owners: [Int: String] = [:]
  for identity in table.identities {
    for position in identity.samples { owners[table.ids[position]] = identity.name }
  }
  return owners
}

/// Catalogs of random sizes, the same every time.
private let randomCounts: [[Int]] = (0..<20).map { index in
  var random = RandomStream(seed: index, "catalog")
  return (0..<2 + random.index(below: 40)).map { _ in 1 + random.index(below: 9) } + [2, 3]
}

@Suite("A split by identity")
struct IdentitySplitTests {
  @Test("has nobody on two sides and loses nobody", arguments: randomCounts)
  func isDisjoint(counts: [Int]) throws {
    let all = table(counts)
    for seed in 0..<5 {
      let split = IdentitySplit(train: 0.5, validation: 0.2, seed: seed)
      guard let parts = try? split.apply(to: all) else { continue }
      let names = parts.values.map { Set($0.identities.map(\.name)) }
      #expect(names.reduce(0) { $0 + $1.count } == all.identities.count)
      #expect(names.reduce(into: Set()) { $0.formUnion($1) }.count == all.identities.count)
      #expect(parts.values.reduce(0) { $0 + $1.ids.count } == all.ids.count)
    }
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
}

@Suite("Drawn pairs")
struct PairDrawTests {
  @Test("are all there are, once each, when all are asked for", arguments: randomCounts)
  func drawsAll(counts: [Int]) throws {
    let all = table(counts)
    let owner = owners(all)
    let draw = PairDraw(all)
    // Counted by the double loop.
    var genuine: Set<[Int]> = []
    var impostor: Set<[Int]> = []
    for left in all.ids {
      for right in all.ids where left < right {
        if owner[left] == owner[right] {
          genuine.insert([left, right])
        } else {
          impostor.insert([left, right])
        }
      }
    }
    var random = RandomStream(seed: 1, "test")
    let drawn = draw.genuine(draw.genuineCount, random: &random)
    #expect(Set(drawn.map { [$0.left, $0.right] }) == genuine && drawn.count == genuine.count)
    let others = draw.impostor(draw.impostorCount, random: &random)
    #expect(Set(others.map { [$0.left, $0.right] }) == impostor && others.count == impostor.count)
  }

  @Test(
    "never repeat, compare a sample with itself, or lie about who it is", arguments: randomCounts)
  func drawsSome(counts: [Int]) throws {
    let all = table(counts)
    let owner = owners(all)
    let draw = PairDraw(all)
    var random = RandomStream(seed: 2, "test")
    let pairs =
      draw.genuine(draw.genuineCount / 3, random: &random)
      + draw.impostor(draw.impostorCount / 3, random: &random)
    #expect(Set(pairs.map { [$0.left, $0.right] }).count == pairs.count)
    for pair in pairs {
      #expect(pair.left != pair.right)
      #expect((owner[pair.left] == owner[pair.right]) == pair.genuine)
    }
    var again = RandomStream(seed: 2, "test")
    #expect(
      draw.genuine(draw.genuineCount / 3, random: &again)
        == Array(pairs.prefix(draw.genuineCount / 3)))
  }

  @Test("are listed by one index over all pairs")
  func positions() {
    var index = 0
    for right in 1..<200 {
      for left in 0..<right {
        #expect(PairDraw.positions(index) == (left, right))
        index += 1
      }
    }
    // The last pair of a million samples.
    let count = 1_000_000
    #expect(PairDraw.positions(count * (count - 1) / 2 - 1) == (count - 2, count - 1))
  }

  @Test("are refused when more are asked for than exist")
  func refusesTooMany() {
    let maker = ProtocolMaker(table([2, 2]))
    #expect(
      throws: PairError.tooManyAsked(role: .test, genuine: true, asked: 3, existing: 2)
    ) { try maker.sample(PairCounts(genuine: 3, impostor: 1), seed: 0, name: "p") }
    #expect(
      throws: PairError.tooManyAsked(role: .test, genuine: false, asked: 5, existing: 4)
    ) { try maker.sample(PairCounts(genuine: 1, impostor: 5), seed: 0, name: "p") }
  }
}

@Suite("The balanced sampler")
struct BalancedPairSamplerTests {
  @Test(
    "draws half genuine, half impostor, and never a sample with itself", arguments: randomCounts)
  func isBalanced(counts: [Int]) throws {
    let all = table(counts)
    let owner = owners(all)
    let pairs = try BalancedPairSampler(all, seed: 0).batch(epoch: 0, step: 0, count: 200)
    #expect(pairs.count { $0.genuine } == 100)
    for pair in pairs {
      #expect(pair.left != pair.right)
      #expect((owner[pair.left] == owner[pair.right]) == pair.genuine)
    }
  }

  @Test("draws half genuine over steps of an odd count too")
  func isBalancedOverOddSteps() throws {
    let sampler = try BalancedPairSampler(table([3, 4, 5]), seed: 7)
    let pairs = (0..<10).flatMap { sampler.batch(epoch: 0, step: $0, count: 1) }
    #expect(pairs.count { $0.genuine } == 5)
  }

  @Test("repeats a step and differs from every other")
  func isReproducible() throws {
    let sampler = try BalancedPairSampler(table([3, 4, 5]), seed: 7)
    let first = sampler.batch(epoch: 1, step: 2, count: 64)
    #expect(sampler.batch(epoch: 1, step: 2, count: 64) == first)
    #expect(sampler.batch(epoch: 2, step: 1, count: 64) != first)
    #expect(sampler.batch(epoch: 1, step: 3, count: 64) != first)
    let other = try BalancedPairSampler(table([3, 4, 5]), seed: 8)
    #expect(other.batch(epoch: 1, step: 2, count: 64) != first)
  }

  @Test("is refused without two people or without two pictures of one")
  func refuses() {
    #expect(throws: PairError.self) { try BalancedPairSampler(table([4]), seed: 0) }
    #expect(throws: PairError.self) { try BalancedPairSampler(table([1, 1, 1]), seed: 0) }
  }
}

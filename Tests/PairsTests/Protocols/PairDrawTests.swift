import Catalog
import Randomness
import Testing

@testable import Pairs

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
    func make(_ genuine: Int, _ impostor: Int) throws {
      let counts = PairCounts(genuine: genuine, impostor: impostor)
      let draw = ProtocolMaker.Draw(counts: counts, seed: 0)
      _ = try ProtocolMaker(table([2, 2]), links: [], draw: draw).sample(name: "p")
    }
    #expect(
      throws: PairError.tooManyAsked(role: .test, genuine: true, asked: 3, existing: 2)
    ) { try make(3, 1) }
    #expect(
      throws: PairError.tooManyAsked(role: .test, genuine: false, asked: 5, existing: 4)
    ) { try make(1, 5) }
  }
}

@Suite("Drawn pairs with a cap")
struct CappedDrawTests {
  @Test("take at most so many of a person", arguments: randomCounts)
  func caps(counts: [Int]) throws {
    let all = table(counts)
    let owner = owners(all)
    let draw = PairDraw(all, cap: 3, seed: 4)
    #expect(draw.genuineCount == counts.reduce(0) { $0 + min(3, $1 * ($1 - 1) / 2) })
    var random = RandomStream(seed: 0, "test")
    let pairs = draw.genuine(draw.genuineCount, random: &random)
    #expect(Set(pairs).count == pairs.count)
    for (_, own) in Dictionary(grouping: pairs, by: { owner[$0.left] }) { #expect(own.count <= 3) }
    #expect(pairs.allSatisfy { owner[$0.left] == owner[$0.right] && $0.left != $0.right })
  }
}

@Suite("All pairs")
struct AllPairsTests {
  @Test("are the same by index and one after the other", arguments: randomCounts)
  func agree(counts: [Int]) {
    let pairs = AllPairs(table(counts))
    let owner = owners(table(counts))
    #expect(Array(IteratorSequence(pairs.makeIterator())) == pairs.indices.map { pairs[$0] })
    #expect(pairs.allSatisfy { (owner[$0.left] == owner[$0.right]) == $0.genuine })
    let draw = PairDraw(table(counts))
    #expect(pairs.count { $0.genuine } == draw.genuineCount)
    #expect(pairs.count == draw.genuineCount + draw.impostorCount)
  }

  @Test("of 5,000 images are 12,497,500, of which 22,500 are genuine")
  func report() {
    // The report on CFPW: 500 people with ten frontal images each.
    let pairs = AllPairs(table(Array(repeating: 10, count: 500)))
    #expect(pairs.count == 12_497_500)
    #expect(PairDraw(table(Array(repeating: 10, count: 500))).genuineCount == 22_500)
    #expect(pairs[0] == Pair(left: 0, right: 1, genuine: true))
    #expect(pairs[12_497_499] == Pair(left: 4_998, right: 4_999, genuine: true))
  }
}

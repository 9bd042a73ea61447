import Catalog
import Randomness
import Testing

@testable import Pairs

@Suite("The sampler of epochs")
struct EpochSamplerTests {
  @Test("gives every sample once, with its identity", arguments: randomCounts)
  func permutes(counts: [Int]) throws {
    let all = table(counts)
    let owner = owners(all)
    let sampler = try EpochSampler(all, seed: 1)
    let epoch = sampler.epoch(3)
    #expect(epoch.map(\.sample).sorted() == all.ids.sorted() && sampler.count == all.ids.count)
    for draw in epoch { #expect(all.identities[draw.identity].name == owner[draw.sample]) }
    #expect(sampler.epoch(3) == epoch)
  }

  @Test("has another order in every epoch and with every seed, and goes round when it is long")
  func orders() throws {
    let all = table([3, 4, 5, 6])
    let sampler = try EpochSampler(all, seed: 1)
    #expect(sampler.epoch(0) != sampler.epoch(1))
    #expect(try EpochSampler(all, seed: 2).epoch(0) != sampler.epoch(0))
    let long = try EpochSampler(all, seed: 1, count: 40).epoch(0).map(\.sample)
    #expect(Array(long.prefix(18)) == sampler.epoch(0).map(\.sample))
    #expect(Set(long[18..<36]).count == 18 && long[18..<36] != long[0..<18])
    #expect(Set(long[36...]).count == 4)
    #expect(try EpochSampler(all, seed: 1, count: 5).epoch(0).count == 5)
  }

  @Test("draws samples by one over the root of how many their identity has, when balanced")
  func balanced() throws {
    // Weights of 1, 1/2 and 1/10 for 1, 4 and 100 samples: identities of 1, 2 and 10.
    let all = table([1, 4, 100])
    let sampler = try EpochSampler(all, seed: 1, count: 26_000, balance: .sqrt)
    let epoch = sampler.epoch(0)
    let owner = owners(all)
    var times = [Int](repeating: 0, count: 105)
    for draw in epoch {
      times[draw.sample] += 1
      #expect(all.identities[draw.identity].name == owner[draw.sample])
    }
    // Five standard deviations of a binomial count of 26,000 draws.
    func has(_ samples: Range<Int>, _ share: Double) -> Bool {
      let found = Double(samples.reduce(0) { $0 + times[$1] })
      let deviation = (26_000 * share * (1 - share)).squareRoot()
      return abs(found - 26_000 * share) < 5 * deviation
    }
    #expect(has(0..<1, 1.0 / 13) && has(1..<5, 2.0 / 13) && has(5..<105, 10.0 / 13))
    for sample in 1..<5 { #expect(has(sample..<sample + 1, 0.5 / 13)) }
    for sample in 5..<105 { #expect(has(sample..<sample + 1, 0.1 / 13)) }
    #expect(sampler.epoch(0) == epoch && sampler.epoch(1) != epoch)
  }

  @Test("is refused with one identity")
  func refuses() {
    #expect(throws: PairError.self) { try EpochSampler(table([4]), seed: 0) }
  }
}

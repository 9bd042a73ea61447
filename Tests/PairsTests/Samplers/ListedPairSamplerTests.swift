import Catalog
import Testing

@testable import Pairs

@Suite("Listed pairs")
struct ListedPairSamplerTests {
  private let pairs = (0..<40).map { Pair(left: $0, right: $0 + 1, genuine: $0 % 2 == 0) }

  @Test("come once an epoch each, in another order in each epoch and for each seed")
  func epochs() throws {
    let sampler = try ListedPairSampler(pairs, seed: 3)
    let orders = (0..<4).map { sampler.epoch($0) }
    for order in orders { #expect(Set(order) == Set(pairs) && order.count == 40 && order != pairs) }
    #expect(Set(orders).count == 4)
    #expect(try ListedPairSampler(pairs, seed: 3).epoch(2) == orders[2])
    #expect(try ListedPairSampler(pairs, seed: 4).epoch(2) != orders[2])
  }

  @Test("must be there")
  func empty() {
    #expect(throws: PairError.noListedPairs) { try ListedPairSampler([], seed: 0) }
  }
}

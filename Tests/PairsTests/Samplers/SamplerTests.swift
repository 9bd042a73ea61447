import Catalog
import Randomness
import Testing

@testable import Pairs

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

@Suite("The samplers of the sources")
struct SourceSamplerTests {
  @Test("The report's has 32 people a batch, half of it genuine pairs, and no sample with itself")
  func report() throws {
    let all = table(Array(repeating: 7, count: 50))
    let owner = owners(all)
    let sampler = try CFPWReportPairSampler(all, seed: 0, isFaithful: false)
    for step in 0..<50 {
      let pairs = sampler.batch(epoch: 0, step: step)
      #expect(
        pairs.map(\.genuine) == Array(repeating: true, count: 16)
          + Array(repeating: false, count: 16))
      #expect(Set(pairs.map { owner[$0.left] }).count == 32)
      for pair in pairs {
        #expect(pair.left != pair.right)
        #expect((owner[pair.left] == owner[pair.right]) == pair.genuine)
      }
    }
    #expect(sampler.batch(epoch: 3, step: 4) == sampler.batch(epoch: 3, step: 4))
    #expect(sampler.batch(epoch: 3, step: 4) != sampler.batch(epoch: 4, step: 3))
    #expect(throws: PairError.self) {
      try CFPWReportPairSampler(table(Array(repeating: 7, count: 31)), seed: 0, isFaithful: false)
    }
  }

  @Test("The report's, when faithful, compares an image with itself in a seventh of the pairs")
  func faithfulReport() throws {
    let sampler = try CFPWReportPairSampler(
      table(Array(repeating: 7, count: 50)), seed: 0, isFaithful: true)
    let pairs = (0..<2_000).flatMap { sampler.batch(epoch: 0, step: $0) }
    let genuine = pairs.filter(\.genuine)
    let share = Double(genuine.count { $0.left == $0.right }) / Double(genuine.count)
    // 32,000 draws: five standard errors are 0.0098.
    #expect(abs(share - 1.0 / 7) < 0.0098)
    for pair in pairs where !pair.genuine { #expect(pair.left % 7 == pair.right % 7) }
  }

  @Test("The tutorial's has 250 genuine pairs a subject and as many impostor pairs")
  func tutorial() throws {
    let all = table(Array(repeating: 10, count: 40))
    let owner = owners(all)
    for isFaithful in [false, true] {
      let sampler = try ORLTutorialPairSampler(all, seed: 0, isFaithful: isFaithful)
      let genuine = sampler.pairs.filter(\.genuine)
      #expect(genuine.count == 10_000 && sampler.pairs.count == 20_000)
      let bySubject = Dictionary(grouping: genuine) { owner[$0.left] ?? "" }
      #expect(bySubject.count == 40 && bySubject.values.allSatisfy { $0.count == 250 })
      for pair in sampler.pairs {
        #expect(pair.left != pair.right)
        #expect((owner[pair.left] == owner[pair.right]) == pair.genuine)
      }
      let shared = sampler.pairs.filter { !$0.genuine && $0.left % 10 == $0.right % 10 }.count
      #expect(isFaithful ? shared == 10_000 : shared < 1_500)
      // Every picture of a person is compared, not the first alone.
      #expect(Set(sampler.pairs.filter { !$0.genuine }.map { $0.left % 10 }).count == 10)
      // An epoch goes through the whole list once.
      let epoch = (0..<200).flatMap { sampler.batch(epoch: 1, step: $0, count: 128) }
      #expect(epoch.count == 20_000 && epoch != sampler.pairs)
      #expect(Set(epoch) == Set(sampler.pairs))
    }
  }

  @Test("P x K has P people with K different samples each", arguments: randomCounts)
  func identityBatches(counts: [Int]) throws {
    let all = table(counts + [4, 4, 4])
    let owner = owners(all)
    let sampler = try IdentityBatchSampler(all, seed: 1, identities: 3, samples: 4)
    for step in 0..<20 {
      let groups = sampler.batch(epoch: 0, step: step)
      #expect(groups.count == 3 && Set(groups.map(\.identity)).count == 3)
      for group in groups {
        #expect(Set(group.samples).count == 4)
        #expect(Set(group.samples.map { owner[$0] }) == [all.identities[group.identity].name])
      }
      #expect(sampler.batch(epoch: 0, step: step) == groups)
    }
  }

  @Test("Triplets have an anchor, its like and its unlike", arguments: randomCounts)
  func triplets(counts: [Int]) throws {
    let all = table(counts)
    let owner = owners(all)
    let sampler = try TripletSampler(all, seed: 1)
    let batch = sampler.batch(epoch: 2, step: 3, count: 100)
    #expect(sampler.batch(epoch: 2, step: 3, count: 100) == batch)
    for triplet in batch {
      #expect(triplet.anchor != triplet.positive)
      #expect(owner[triplet.anchor] == owner[triplet.positive])
      #expect(owner[triplet.anchor] != owner[triplet.negative])
    }
  }
}

@Suite("One-shot trials")
struct OneShotTrialTests {
  @Test("compare a probe with one of its own and with others, each once", arguments: randomCounts)
  func trials(counts: [Int]) throws {
    let all = table(counts + [1, 1])
    let owner = owners(all)
    let pairs = try OneShotTrials(all, ways: 4, count: 60, seed: 0).comparisons
    #expect(pairs.count == 240)
    var places: Set<Int> = []
    for trial in 0..<60 {
      let comparisons = pairs[trial * 4..<trial * 4 + 4]
      #expect(Set(comparisons.map(\.left)).count == 1)
      #expect(Set(comparisons.map { owner[$0.right] }).count == 4)
      #expect(comparisons.count { $0.genuine } == 1)
      for pair in comparisons {
        #expect(pair.left != pair.right)
        #expect((owner[pair.left] == owner[pair.right]) == pair.genuine)
      }
      places.insert((comparisons.firstIndex { $0.genuine } ?? 0) - trial * 4)
    }
    // The genuine one stands anywhere.
    #expect(places == [0, 1, 2, 3])
  }

  @Test("are refused with too few people")
  func refuses() {
    #expect(throws: PairError.tooFewForTrials(identities: 3, ways: 10)) {
      try OneShotTrials(table([2, 2, 2]), ways: 10, count: 1, seed: 0)
    }
  }
}

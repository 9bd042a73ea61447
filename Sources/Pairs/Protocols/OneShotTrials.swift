import Catalog
import Randomness

/// Trials of one-shot recognition.
///
/// A probe is compared with one other image of the same person and with one image of each of
/// `ways - 1` other people.
///
/// The genuine comparison is at a random position in its trial, so that ties have no bias. The
/// people of the probes are in random order; each occurs once before any occurs again.
public struct OneShotTrials: Sendable {
  private let ways: Int
  private let pairs: [Pair]

  /// Draws `count` trials.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - ways: the number of people that a probe is compared with, at least 2.
  ///   - count: the number of trials.
  ///   - seed: the seed of the draw.
  /// - Throws: ``PairError`` if there are too few people, or nobody has two images.
  public init(_ table: SampleTable, ways: Int, count: Int, seed: Int) throws(PairError) {
    guard table.identities.count >= ways else {
      throw .tooFewForTrials(identities: table.identities.count, ways: ways)
    }
    let probes = table.identities.indices.filter { table.identities[$0].samples.count >= 2 }
    guard !probes.isEmpty else { throw .noGenuinePairs(role: .test) }
    var order: [Int] = []
    var pairs: [Pair] = []
    pairs.reserveCapacity(ways * count)
    for trial in 0..<count {
      if trial % probes.count == 0 {
        var random = RandomStream(seed: seed, "one-shot order", trial / probes.count)
        order = probes.shuffled(using: &random)
      }
      var random = RandomStream(seed: seed, "one-shot trial", trial)
      let own = order[trial % probes.count]
      let samples = table.identities[own].samples
      let (probe, match) = random.two(below: samples.count)
      let others = random.distinct(ways - 1, below: table.identities.count - 1)
      var candidates = others.map { place in
        let other = place < own ? place : place + 1
        let range = table.identities[other].samples
        return table.ids[range.lowerBound + random.index(below: range.count)]
      }
      let place = random.index(below: ways)
      candidates.insert(table.ids[samples.lowerBound + match], at: place)
      for (index, candidate) in candidates.enumerated() {
        pairs.append(
          Pair(
            left: table.ids[samples.lowerBound + probe], right: candidate,
            genuine: index == place))
      }
    }
    self.ways = ways
    self.pairs = pairs
  }

  /// The comparisons, trial by trial, ``ways`` per trial.
  public var comparisons: [Pair] { pairs }
}

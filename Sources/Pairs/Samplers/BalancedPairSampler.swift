import Catalog
import Randomness

/// Training pairs, alternately genuine and impostor, drawn anew for every step.
///
/// A genuine pair is two different samples of one identity that has at least two. An impostor pair
/// is one sample of each of two different identities. Every identity has the same probability,
/// regardless of the number of its samples. A pure function of the table, the seed, the epoch and
/// the step.
public struct BalancedPairSampler: Sendable {
  private let table: SampleTable
  private let withTwo: [Range<Int>]
  private let seed: Int

  /// Creates a sampler over `table`.
  ///
  /// - Throws: ``PairError`` if there are fewer than two identities or none with two samples.
  public init(_ table: SampleTable, seed: Int) throws(PairError) {
    self.table = table
    self.seed = seed
    withTwo = table.identities.map(\.samples).filter { $0.count >= 2 }
    guard table.identities.count >= 2 else {
      throw .tooFewIdentities(role: .train, count: table.identities.count)
    }
    guard !withTwo.isEmpty else { throw .noGenuinePairs(role: .train) }
  }

  /// The pairs of one step, alternately genuine and impostor.
  ///
  /// If the count is odd, steps alternate in which kind comes first.
  public func batch(epoch: Int, step: Int, count: Int) -> [Pair] {
    var random = RandomStream(seed: seed, "balanced pairs", epoch, step)
    let first = count % 2 == 0 ? 0 : step % 2
    return (0..<count).map { index in
      (index + first) % 2 == 0 ? genuine(&random) : impostor(&random)
    }
  }

  private func genuine(_ random: inout RandomStream) -> Pair {
    let samples = withTwo[random.index(below: withTwo.count)]
    let (left, right) = random.two(below: samples.count)
    let start = samples.lowerBound
    return Pair(left: table.ids[start + left], right: table.ids[start + right], genuine: true)
  }

  private func impostor(_ random: inout RandomStream) -> Pair {
    let (first, second) = random.two(below: table.identities.count)
    func sample(_ identity: Int) -> Int {
      let samples = table.identities[identity].samples
      return table.ids[samples.lowerBound + random.index(below: samples.count)]
    }
    return Pair(left: sample(first), right: sample(second), genuine: false)
  }
}

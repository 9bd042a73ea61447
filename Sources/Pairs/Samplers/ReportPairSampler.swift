import Catalog
import Randomness

/// The batches of the report on CFPW (its `get_batch`): half the pairs genuine, then half impostor,
/// of as many different identities as there are pairs.
///
/// `faithful` repeats what its program did: the two images of a genuine pair are drawn
/// independently, so that with seven images a seventh of the pairs compares an image with itself;
/// the images of an impostor pair have the same index. A pure function of the table, the seed, the
/// epoch and the step.
public struct ReportPairSampler: Sendable {
  private let table: SampleTable
  private let seed: Int
  private let isFaithful: Bool
  private let eligible: [Int]
  private let count: Int

  /// A sampler over `table`.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - seed: draws the batches.
  ///   - count: pairs a batch, even; the report has 32.
  ///   - isFaithful: whether the program's slips are repeated.
  /// - Throws: ``PairError`` when fewer than `count` identities have two samples.
  public init(
    _ table: SampleTable, seed: Int, count: Int = 32, isFaithful: Bool
  ) throws(PairError) {
    precondition(count >= 2 && count % 2 == 0, "a batch is half genuine, half impostor")
    self.table = table
    self.seed = seed
    self.count = count
    self.isFaithful = isFaithful
    eligible = table.identities.indices.filter { table.identities[$0].samples.count >= 2 }
    guard eligible.count >= count else {
      throw .tooFewIdentities(role: .train, count: eligible.count)
    }
  }

  /// The pairs of one step.
  public func batch(epoch: Int, step: Int) -> [Pair] {
    var random = RandomStream(seed: seed, "report pairs", epoch, step)
    let chosen = random.distinct(count, below: eligible.count).map { eligible[$0] }
    return chosen.enumerated().map { index, identity in
      index < count / 2 ? genuine(identity, &random) : impostor(identity, &random)
    }
  }

  private func genuine(_ identity: Int, _ random: inout RandomStream) -> Pair {
    let samples = table.identities[identity].samples
    let (left, right) =
      isFaithful
      ? (random.index(below: samples.count), random.index(below: samples.count))
      : random.two(below: samples.count)
    return Pair(
      left: table.ids[samples.lowerBound + left], right: table.ids[samples.lowerBound + right],
      genuine: true)
  }

  private func impostor(_ identity: Int, _ random: inout RandomStream) -> Pair {
    var other = random.index(below: table.identities.count - 1)
    if other >= identity { other += 1 }
    let (one, two) = (table.identities[identity].samples, table.identities[other].samples)
    // The program fails where one has fewer images; here the index stays below both counts.
    let left = random.index(below: isFaithful ? min(one.count, two.count) : one.count)
    let right = isFaithful ? left : random.index(below: two.count)
    return Pair(
      left: table.ids[one.lowerBound + left], right: table.ids[two.lowerBound + right],
      genuine: false)
  }
}

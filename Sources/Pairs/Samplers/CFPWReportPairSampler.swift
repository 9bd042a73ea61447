import Catalog
import Randomness

/// The batches of the report on CFPW (its `get_batch`): the first half of the pairs is genuine, the
/// second half impostor, of as many different identities as there are pairs.
///
/// `faithful` reproduces the report's program. The two images of a genuine pair are drawn
/// independently, so with seven images one seventh of the pairs compares an image with itself. The
/// images of an impostor pair have the same index. A pure function of the table, the seed, the
/// epoch and the step.
public struct CFPWReportPairSampler: Sendable {
  private let table: SampleTable
  private let seed: Int
  private let isFaithful: Bool
  private let eligible: [Int]
  private let count: Int

  /// Creates a sampler over `table`.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - seed: the seed of the batches.
  ///   - count: the number of pairs per batch, even; 32 in the report.
  ///   - isFaithful: whether the errors of the program are reproduced.
  /// - Throws: ``PairError`` if fewer than `count` identities have two samples.
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
    // The program fails if one identity has fewer images; here the index is below both counts.
    let left = random.index(below: isFaithful ? min(one.count, two.count) : one.count)
    let right = isFaithful ? left : random.index(below: two.count)
    return Pair(
      left: table.ids[one.lowerBound + left], right: table.ids[two.lowerBound + right],
      genuine: false)
  }
}

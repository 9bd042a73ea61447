import Catalog
import Randomness

/// The pairs of the tutorial on ORL: the same number of genuine pairs for each subject, drawn with
/// repeats, and the same total number of impostor pairs.
///
/// Every epoch uses the same list in another order.
///
/// With `faithful`, the two images of an impostor pair have the same index, which cycles through
/// the images, as in the tutorial's program. A pure function of the table, the seed, the epoch and
/// the step.
public struct ORLTutorialPairSampler: Sendable {
  /// The list, genuine pairs first.
  public let pairs: [Pair]
  private let seed: Int

  /// Creates a sampler over `table`.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - seed: the seed of the list and its order.
  ///   - perIdentity: the number of genuine pairs per identity; 250 in the tutorial.
  ///   - isFaithful: whether the images of an impostor pair have the same index.
  /// - Throws: ``PairError`` if there are fewer than two identities, or one has a single sample.
  public init(
    _ table: SampleTable, seed: Int, perIdentity: Int = 250, isFaithful: Bool
  ) throws(PairError) {
    guard table.identities.count >= 2 else {
      throw .tooFewIdentities(role: .train, count: table.identities.count)
    }
    guard table.identities.allSatisfy({ $0.samples.count >= 2 }) else {
      throw .noGenuinePairs(role: .train)
    }
    var random = RandomStream(seed: seed, "tutorial pairs")
    var pairs: [Pair] = []
    pairs.reserveCapacity(2 * perIdentity * table.identities.count)
    func id(_ identity: Int, _ index: Int) -> Int {
      table.ids[table.identities[identity].samples.lowerBound + index]
    }
    for identity in table.identities.indices {
      for _ in 0..<perIdentity {
        let (left, right) = random.two(below: table.identities[identity].samples.count)
        pairs.append(Pair(left: id(identity, left), right: id(identity, right), genuine: true))
      }
    }
    let fewest = table.identities.map(\.samples.count).min() ?? 1
    for number in 0..<perIdentity * table.identities.count {
      let (one, two) = random.two(below: table.identities.count)
      let left =
        isFaithful
        ? number % fewest : random.index(below: table.identities[one].samples.count)
      let right = isFaithful ? left : random.index(below: table.identities[two].samples.count)
      pairs.append(Pair(left: id(one, left), right: id(two, right), genuine: false))
    }
    self.pairs = pairs
    self.seed = seed
  }

  /// All pairs in the order of an epoch.
  public func epoch(_ epoch: Int) -> [Pair] {
    var random = RandomStream(seed: seed, "tutorial order", epoch)
    return pairs.indices.shuffled(using: &random).map { pairs[$0] }
  }

  /// The pairs of one step.
  ///
  /// The last step of an epoch may have fewer; steps after it have none.
  public func batch(epoch: Int, step: Int, count: Int) -> [Pair] {
    Array(self.epoch(epoch).dropFirst(step * count).prefix(count))
  }
}

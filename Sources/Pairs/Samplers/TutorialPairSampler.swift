import Catalog
import Randomness

/// The pairs of the tutorial on ORL: for each subject as many genuine pairs, drawn with repeats, and
/// as many impostor pairs in all; every epoch goes through the same list in another order.
///
/// In `faithful` the two images of an impostor pair have the same index, which runs through the
/// images in turn, as in the tutorial's program. A pure function of the table, the seed, the epoch
/// and the step.
public struct TutorialPairSampler: Sendable {
  /// The list, genuine pairs first.
  public let pairs: [Pair]
  private let seed: Int

  /// A sampler over `table`.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - seed: draws the list and its order.
  ///   - perIdentity: genuine pairs of each identity; the tutorial has 250.
  ///   - isFaithful: whether the images of an impostor pair share their index.
  /// - Throws: ``PairError`` when there are less than two identities, or one has a single sample.
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

  /// The pairs of one step; those of an epoch's last step may be fewer, and none after it.
  public func batch(epoch: Int, step: Int, count: Int) -> [Pair] {
    var random = RandomStream(seed: seed, "tutorial order", epoch)
    let order = pairs.indices.shuffled(using: &random)
    return order.dropFirst(step * count).prefix(count).map { pairs[$0] }
  }
}

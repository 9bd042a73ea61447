import Catalog
import Randomness

/// The training pairs that a protocol lists, every pair once per epoch in random order.
///
/// A pure function of the list, the seed and the epoch.
public struct ListedPairSampler: Sendable {
  /// The list.
  public let pairs: [Pair]
  private let seed: Int

  /// Creates a sampler over a list of pairs.
  ///
  /// - Parameters:
  ///   - pairs: the list.
  ///   - seed: the seed of the order.
  /// - Throws: ``PairError/noListedPairs`` if the list is empty.
  public init(_ pairs: [Pair], seed: Int) throws(PairError) {
    guard !pairs.isEmpty else { throw .noListedPairs }
    self.pairs = pairs
    self.seed = seed
  }

  /// All pairs in the order of an epoch.
  public func epoch(_ epoch: Int) -> [Pair] {
    var random = RandomStream(seed: seed, "listed order", epoch)
    return pairs.shuffled(using: &random)
  }
}

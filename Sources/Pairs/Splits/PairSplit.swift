import Catalog
import Randomness

/// The split of the ORL tutorial: its pairs are drawn first and then divided, so that the same people
/// and images are on all sides.
///
/// Its figures say nothing of other people; it exists to reproduce what the tutorial reports.
public struct PairSplit: Sendable, Equatable {
  /// The share of the pairs that train, in 0...1.
  public let train: Double
  /// The share of the pairs that validate, in 0...1.
  public let validation: Double
  /// The seed of the pairs and of the assignment.
  public let seed: Int

  /// Creates a split; the remaining share tests.
  public init(train: Double, validation: Double, seed: Int) {
    self.train = train
    self.validation = validation
    self.seed = seed
  }

  /// The tutorial's shares: of 20,000 pairs 11,250 train, 3,750 validate and 5,000 test.
  public static let tutorial = (train: 0.5625, validation: 0.1875)

  /// The pairs of each role; see ``ORLTutorialPairSampler`` for the list.
  ///
  /// - Throws: ``PairError`` if there are fewer than two identities, or one has a single sample.
  public func apply(to table: SampleTable) throws(PairError) -> [Role: [Pair]] {
    let pairs = try ORLTutorialPairSampler(table, seed: seed, isFaithful: true).pairs
    var random = RandomStream(seed: seed, "split of pairs")
    let order = pairs.shuffled(using: &random)
    let count = Double(order.count)
    let first = Int((train * count).rounded())
    let second = min(order.count, first + Int((validation * count).rounded()))
    return [
      .train: Array(order[..<first]), .validation: Array(order[first..<second]),
      .test: Array(order[second...]),
    ].filter { !$0.value.isEmpty }
  }
}

import Catalog
import Randomness

/// Single samples for losses over all identities: every sample in random order, or drawn such that
/// identities with few samples occur more often.
///
/// A pure function of the table, the seed and the epoch.
public struct EpochSampler: Sendable {
  /// The frequency of the samples of an identity.
  public enum Balance: String, Codable, Sendable, CaseIterable {
    /// Every sample once in random order, and again if an epoch has more samples than the table.
    case even = "none"
    /// Drawn with replacement, each sample with weight 1 / sqrt(number of samples of its identity).
    case sqrt
  }

  /// A sample and its identity.
  public struct Draw: Sendable, Equatable {
    /// The sample.
    public let sample: Int
    /// The index of its identity in the table.
    public let identity: Int
  }

  /// Number of samples per epoch.
  public let count: Int
  private let draws: [Draw]
  private let table: SampleTable
  private let seed: Int
  private let balance: Balance
  /// The cumulative sums of the weights of the identities.
  private let sums: [Double]

  /// Creates a sampler over `table`.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - seed: the seed of the order.
  ///   - count: the number of samples per epoch, 1 or more; the size of the table if `nil`.
  ///   - balance: the frequency of the samples of an identity.
  /// - Throws: ``PairError`` if there are fewer than two identities.
  public init(
    _ table: SampleTable, seed: Int, count: Int? = nil, balance: Balance = .even
  ) throws(PairError) {
    guard table.identities.count >= 2 else {
      throw .tooFewIdentities(role: .train, count: table.identities.count)
    }
    self.count = count ?? table.ids.count
    self.table = table
    self.seed = seed
    self.balance = balance
    draws = zip(table.ids, table.owners).map(Draw.init)
    // n samples with weight 1 / sqrt(n) each.
    sums = table.identities.reduce(into: []) { sums, identity in
      sums.append((sums.last ?? 0) + Double(identity.samples.count).squareRoot())
    }
  }

  /// The samples of an epoch in order.
  ///
  /// With ``Balance/even``, an epoch longer than the table continues with the samples in another
  /// order.
  public func epoch(_ epoch: Int) -> [Draw] {
    switch balance {
    case .even:
      var order: [Draw] = []
      order.reserveCapacity(count)
      while order.count < count {
        let round = order.count / draws.count
        var random = RandomStream(seed: seed, "sample order", epoch, round)
        order += draws.shuffled(using: &random).prefix(count - order.count)
      }
      return order
    case .sqrt:
      var random = RandomStream(seed: seed, "balanced samples", epoch)
      return (0..<count).map { _ in weighted(&random) }
    }
  }

  private func weighted(_ random: inout RandomStream) -> Draw {
    let place = random.uniform() * (sums.last ?? 0)
    var (low, high) = (0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > place { high = middle } else { low = middle + 1 }
    }
    let own = table.identities[low].samples
    return draws[own.lowerBound + random.index(below: own.count)]
  }
}

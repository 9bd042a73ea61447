import Catalog
import Randomness

/// Single samples for losses over all identities: every one in a random order, or drawn so that
/// identities with few samples come up more often.
///
/// A pure function of the table, the seed and the epoch.
public struct EpochSampler: Sendable {
  /// How often the samples of an identity come up.
  public enum Balance: String, Codable, Sendable, CaseIterable {
    /// Every sample once in a random order, and once more where an epoch has more than there are.
    case even = "none"
    /// Drawn with replacement, each sample with a weight of 1 / sqrt(how many its identity has).
    case sqrt
  }

  /// A sample and its identity.
  public struct Draw: Sendable, Equatable {
    /// The sample.
    public let sample: Int
    /// Its identity's place in the table.
    public let identity: Int
  }

  /// How many samples an epoch has.
  public let count: Int
  private let draws: [Draw]
  private let table: SampleTable
  private let seed: Int
  private let balance: Balance
  /// The sums of the weights of all identities up to each one.
  private let sums: [Double]

  /// A sampler over `table`.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - seed: draws the order.
  ///   - count: how many samples an epoch has, 1 or more; as many as the table when `nil`.
  ///   - balance: how often the samples of an identity come up.
  /// - Throws: ``PairError`` when it has less than two identities.
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
    // n samples of a weight of 1 / sqrt(n) each.
    sums = table.identities.reduce(into: []) { sums, identity in
      sums.append((sums.last ?? 0) + Double(identity.samples.count).squareRoot())
    }
  }

  /// The samples of an epoch in their order.
  ///
  /// With ``Balance/even`` an epoch of more samples than there are begins anew with another order.
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

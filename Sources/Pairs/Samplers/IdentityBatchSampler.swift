import Catalog
import Randomness

/// Batches of P identities with K samples each, for losses over all pairs of a batch.
///
/// Source: A. Hermans, L. Beyer and B. Leibe, "In Defense of the Triplet Loss for Person
/// Re-Identification", 2017. A pure function of the table, the seed, the epoch and the step.
public struct IdentityBatchSampler: Sendable {
  /// The samples of one identity in a batch.
  public struct Group: Sendable, Equatable {
    /// The index of the identity in the table.
    public let identity: Int
    /// Its samples, all different.
    public let samples: [Int]
  }

  private let table: SampleTable
  private let seed: Int
  private let identities: Int
  private let samples: Int
  private let eligible: [Int]

  /// Creates a sampler over `table`.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - seed: the seed of the batches.
  ///   - identities: P, the number of identities per batch, at least 2.
  ///   - samples: K, the number of samples per identity, at least 2.
  /// - Throws: ``PairError`` if fewer than P identities have K samples.
  public init(
    _ table: SampleTable, seed: Int, identities: Int, samples: Int
  ) throws(PairError) {
    self.table = table
    self.seed = seed
    self.identities = identities
    self.samples = samples
    eligible = table.identities.indices.filter { table.identities[$0].samples.count >= samples }
    guard eligible.count >= identities, identities >= 2 else {
      throw .tooFewIdentities(role: .train, count: eligible.count)
    }
  }

  /// The groups of one step.
  public func batch(epoch: Int, step: Int) -> [Group] {
    var random = RandomStream(seed: seed, "identity batch", epoch, step)
    return random.distinct(identities, below: eligible.count).map { place in
      let identity = eligible[place]
      let range = table.identities[identity].samples
      let chosen = random.distinct(samples, below: range.count)
      return Group(identity: identity, samples: chosen.map { table.ids[range.lowerBound + $0] })
    }
  }
}

/// Triplets: an anchor, another sample of its identity, and one of another identity.
///
/// A pure function of the table, the seed, the epoch and the step.
public struct TripletSampler: Sendable {
  /// Three samples.
  public struct Triplet: Sendable, Equatable {
    /// The sample that the others are compared with.
    public let anchor: Int
    /// Another sample of its identity.
    public let positive: Int
    /// A sample of another identity.
    public let negative: Int
  }

  private let table: SampleTable
  private let seed: Int
  private let eligible: [Int]

  /// Creates a sampler over `table`.
  ///
  /// - Throws: ``PairError`` if there are fewer than two identities or none with two samples.
  public init(_ table: SampleTable, seed: Int) throws(PairError) {
    self.table = table
    self.seed = seed
    eligible = table.identities.indices.filter { table.identities[$0].samples.count >= 2 }
    guard table.identities.count >= 2 else {
      throw .tooFewIdentities(role: .train, count: table.identities.count)
    }
    guard !eligible.isEmpty else { throw .noGenuinePairs(role: .train) }
  }

  /// The triplets of one step.
  public func batch(epoch: Int, step: Int, count: Int) -> [Triplet] {
    var random = RandomStream(seed: seed, "triplets", epoch, step)
    return (0..<count).map { _ in
      let identity = eligible[random.index(below: eligible.count)]
      let own = table.identities[identity].samples
      let (anchor, positive) = random.two(below: own.count)
      var other = random.index(below: table.identities.count - 1)
      if other >= identity { other += 1 }
      let others = table.identities[other].samples
      return Triplet(
        anchor: table.ids[own.lowerBound + anchor],
        positive: table.ids[own.lowerBound + positive],
        negative: table.ids[others.lowerBound + random.index(below: others.count)])
    }
  }
}

/// The scores of probes that each claim to be every identity of a gallery in turn.
///
/// Verification, closed-set and open-set identification follow from the same scores.
public struct ClaimMatrix: Sendable {
  /// Number of identities in the gallery.
  public let identities: Int
  /// The own identity of each probe.
  public let own: [Int]
  /// The score of each claim, `[probes, identities]`.
  public let scores: [Float]

  /// Number of probes.
  public var probes: Int { own.count }

  /// Creates a matrix.
  ///
  /// - Parameters:
  ///   - scores: the score of each claim, `[probes, identities]`, all finite.
  ///   - own: the own identity of each probe, in 0..<`identities`.
  ///   - identities: the number of identities; at least 2.
  public init(scores: [Float], own: [Int], identities: Int) {
    precondition(scores.count == own.count * identities, "a score for each claim")
    precondition(identities >= 2, "an impostor claim needs another identity")
    precondition(own.allSatisfy((0..<identities).contains), "every probe is in the gallery")
    self.scores = scores
    self.own = own
    self.identities = identities
  }

  /// Number of genuine claims, one of each probe.
  public var trueClaims: Int { probes }
  /// Number of impostor claims.
  public var falseClaims: Int { probes * (identities - 1) }

  /// The curve of all claims.
  public var roc: ROC? {
    var genuine: [Double] = []
    var impostor: [Double] = []
    genuine.reserveCapacity(trueClaims)
    impostor.reserveCapacity(falseClaims)
    for probe in 0..<probes {
      for identity in 0..<identities {
        let score = Double(scores[probe * identities + identity])
        if identity == own[probe] { genuine.append(score) } else { impostor.append(score) }
      }
    }
    return ROC(genuine: genuine, impostor: impostor)
  }

  /// The rank of each probe's own identity, from 1; other identities with an equal score are ranked
  /// before it.
  public var ranks: [Int] {
    (0..<probes).map { probe in
      let row = scores[probe * identities..<(probe + 1) * identities]
      let score = row[row.startIndex + own[probe]]
      return row.count { $0 >= score }
    }
  }

  /// The cumulative match characteristic: element k - 1 is the fraction of probes whose own identity
  /// is among the k best.
  public var cumulativeMatches: [Double] {
    var counts = [Int](repeating: 0, count: identities)
    for rank in ranks { counts[rank - 1] += 1 }
    var sum = 0
    return counts.map {
      sum += $0
      return Double(sum) / Double(probes)
    }
  }

  /// Open-set identification at one threshold.
  public struct OpenSetPoint: Sendable, Equatable {
    /// The threshold.
    public let threshold: Double
    /// Number of probes that are identified correctly: rank 1 with a score of at least the threshold.
    public let detected: Int
    /// Number of probes that would be accepted as someone if their own identity was not in the
    /// gallery.
    public let falseAlarms: Int
    /// Number of probes.
    public let probes: Int
    /// The detection and identification rate.
    public var dir: Double { Double(detected) / Double(probes) }
    /// The false alarm rate.
    public var far: Double { Double(falseAlarms) / Double(probes) }
  }

  /// The lowest threshold at which the false alarm rate of open-set identification is at most `far`;
  /// `nil` if that is less than one false alarm.
  ///
  /// Every probe is tested twice, with its own identity in the gallery and without.
  ///
  /// Source: Phillips, Grother and Micheals, Evaluation methods in face recognition, 2011.
  public func openSetPoint(atFAR far: Double) -> OpenSetPoint? {
    guard far * Double(probes) >= 1 - 1e-9 else { return nil }
    var strangers: [Double] = []
    var known: [Double] = []
    for (probe, rank) in ranks.enumerated() {
      let row = probe * identities
      let others = (0..<identities).lazy.filter { $0 != own[probe] }.map {
        Double(scores[row + $0])
      }
      strangers.append(others.max() ?? -.infinity)
      if rank == 1 { known.append(Double(scores[row + own[probe]])) }
    }
    strangers.sort(by: >)
    let allowed = Int((far * Double(probes) + 1e-9).rounded(.down))
    let limit = allowed < probes ? strangers[allowed] : -.infinity
    let threshold = (strangers + known).filter { $0 > limit }.min() ?? .infinity
    return OpenSetPoint(
      threshold: threshold, detected: known.count { $0 >= threshold },
      falseAlarms: strangers.count { $0 >= threshold }, probes: probes)
  }
}

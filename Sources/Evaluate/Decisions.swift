/// How many comparisons were decided which way.
public struct Decisions: Sendable, Equatable {
  /// Genuine comparisons that were accepted.
  public private(set) var trueAccepts = 0
  /// Genuine comparisons that were rejected.
  public private(set) var falseRejects = 0
  /// Impostor comparisons that were accepted.
  public private(set) var falseAccepts = 0
  /// Impostor comparisons that were rejected.
  public private(set) var trueRejects = 0

  /// No decisions.
  public init() {}

  /// The decisions at a threshold: scores of at least this are accepted.
  public init(_ comparisons: [Comparison], at threshold: Double) {
    for comparison in comparisons {
      switch (comparison.isGenuine, comparison.score >= threshold) {
      case (true, true): trueAccepts += 1
      case (true, false): falseRejects += 1
      case (false, true): falseAccepts += 1
      case (false, false): trueRejects += 1
      }
    }
  }

  /// Adds the decisions of other comparisons.
  public static func += (left: inout Decisions, right: Decisions) {
    left.trueAccepts += right.trueAccepts
    left.falseRejects += right.falseRejects
    left.falseAccepts += right.falseAccepts
    left.trueRejects += right.trueRejects
  }

  private var genuine: Int { trueAccepts + falseRejects }
  private var impostor: Int { falseAccepts + trueRejects }

  /// The share of right decisions, in 0...1; 0 without decisions.
  public var accuracy: Double {
    Double(trueAccepts + trueRejects) / Double(max(1, genuine + impostor))
  }
  /// The accuracy of answering "different" whatever the score, in 0...1.
  public var accuracyOfDifferent: Double {
    Double(impostor) / Double(max(1, genuine + impostor))
  }
  /// The false acceptance rate; `nil` without impostor comparisons.
  public var far: Double? { impostor == 0 ? nil : Double(falseAccepts) / Double(impostor) }
  /// The false rejection rate; `nil` without genuine comparisons.
  public var frr: Double? { genuine == 0 ? nil : Double(falseRejects) / Double(genuine) }
  /// The mean of the genuine acceptance rate and the genuine rejection rate; `nil` without comparisons
  /// of both kinds.
  public var balancedAccuracy: Double? {
    guard let far, let frr else { return nil }
    return (1 - far + 1 - frr) / 2
  }
}

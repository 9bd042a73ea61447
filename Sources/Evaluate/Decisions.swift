/// The number of correct and wrong decisions on comparisons.
public struct Decisions: Sendable, Equatable {
  /// Number of accepted genuine comparisons.
  public private(set) var trueAccepts = 0
  /// Number of rejected genuine comparisons.
  public private(set) var falseRejects = 0
  /// Number of accepted impostor comparisons.
  public private(set) var falseAccepts = 0
  /// Number of rejected impostor comparisons.
  public private(set) var trueRejects = 0

  /// Creates an empty count.
  public init() {}

  /// Counts the decisions at a threshold; a score greater than or equal to it is accepted.
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

  /// The fraction of correct decisions, in 0...1; 0 if there are no decisions.
  public var accuracy: Double {
    Double(trueAccepts + trueRejects) / Double(max(1, genuine + impostor))
  }
  /// The accuracy of always answering "different", in 0...1.
  public var accuracyOfDifferent: Double {
    Double(impostor) / Double(max(1, genuine + impostor))
  }
  /// The false acceptance rate; `nil` if there are no impostor comparisons.
  public var far: Double? { impostor == 0 ? nil : Double(falseAccepts) / Double(impostor) }
  /// The false rejection rate; `nil` if there are no genuine comparisons.
  public var frr: Double? { genuine == 0 ? nil : Double(falseRejects) / Double(genuine) }
  /// The mean of the genuine acceptance rate and the impostor rejection rate; `nil` unless there
  /// are comparisons of both kinds.
  public var balancedAccuracy: Double? {
    guard let far, let frr else { return nil }
    return (1 - far + 1 - frr) / 2
  }
}

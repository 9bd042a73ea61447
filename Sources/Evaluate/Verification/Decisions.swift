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

  /// Creates the counts of decisions that are known.
  public init(trueAccepts: Int, falseRejects: Int, falseAccepts: Int, trueRejects: Int) {
    self.trueAccepts = trueAccepts
    self.falseRejects = falseRejects
    self.falseAccepts = falseAccepts
    self.trueRejects = trueRejects
  }

  /// Counts the decisions at a threshold; a score greater than or equal to it is accepted.
  public init(_ comparisons: Comparisons, at threshold: Double) {
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

  /// Number of genuine comparisons.
  public var genuine: Int { trueAccepts + falseRejects }
  /// Number of impostor comparisons.
  public var impostor: Int { falseAccepts + trueRejects }

  /// The fraction of correct decisions, in 0...1; 0 if there are no decisions.
  public var accuracy: Double {
    Double(trueAccepts + trueRejects) / Double(max(1, genuine + impostor))
  }
  /// The accuracy of always answering "different", in 0...1.
  public var accuracyOfDifferent: Double {
    Double(impostor) / Double(max(1, genuine + impostor))
  }
  /// The false acceptance rate; `nil` if there are no impostor comparisons.
  public var far: Double? { Self.ratio(falseAccepts, impostor) }
  /// The false rejection rate; `nil` if there are no genuine comparisons.
  public var frr: Double? { Self.ratio(falseRejects, genuine) }
  /// The mean of the genuine acceptance rate and the impostor rejection rate; `nil` unless there
  /// are comparisons of both kinds.
  public var balancedAccuracy: Double? {
    guard let far, let frr else { return nil }
    return (1 - far + 1 - frr) / 2
  }
  /// The genuine acceptance rate, TAR; `nil` if there are no genuine comparisons.
  public var gar: Double? { Self.ratio(trueAccepts, genuine) }
  /// The rate of rejected impostor comparisons; `nil` if there are none.
  public var grr: Double? { Self.ratio(trueRejects, impostor) }
  /// The fraction of the accepted comparisons that are genuine; `nil` if none is accepted.
  public var precision: Double? { Self.ratio(trueAccepts, trueAccepts + falseAccepts) }
  /// The fraction of the genuine comparisons that are accepted; `nil` if there are none.
  public var recall: Double? { gar }
  /// 2 TP / (2 TP + FP + FN), with genuine comparisons as positives; `nil` if that is 0 / 0.
  public var f1: Double? {
    Self.ratio(2 * trueAccepts, 2 * trueAccepts + falseAccepts + falseRejects)
  }

  private static func ratio(_ count: Int, _ total: Int) -> Double? {
    total == 0 ? nil : Double(count) / Double(total)
  }
}

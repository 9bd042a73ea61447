/// How often genuine and impostor comparisons are accepted at every threshold.
///
/// A comparison is accepted when its score is at least the threshold. FAR and FRR are per
/// comparison (FMR and FNMR in ISO/IEC 19795-1).
public struct ROC: Sendable, Equatable {
  /// One operating point.
  public struct Point: Sendable, Equatable {
    /// Accepts scores of at least this; infinity accepts none.
    public let threshold: Double
    /// False acceptance rate, in 0...1.
    public let far: Double
    /// Genuine acceptance rate, in 0...1.
    public let gar: Double
    /// How many impostor comparisons are accepted.
    public let falseAccepts: Int
    /// How many genuine comparisons are accepted.
    public let trueAccepts: Int
    /// False rejection rate, 1 - GAR.
    public var frr: Double { 1 - gar }
  }

  /// Where FAR and FRR are equal.
  public struct EqualError: Sendable, Equatable {
    /// The rate, in 0...1.
    public let rate: Double
    /// The threshold, between those of the neighbouring points.
    public let threshold: Double
  }

  /// How many genuine comparisons there are.
  public let genuine: Int
  /// How many impostor comparisons there are.
  public let impostor: Int
  /// The points by falling threshold: nothing accepted first, then one point for each distinct
  /// score.
  public let points: [Point]

  /// The curve of the comparisons; `nil` unless there are genuine and impostor ones.
  public init?(_ comparisons: [Comparison]) {
    genuine = comparisons.count { $0.isGenuine }
    impostor = comparisons.count - genuine
    guard genuine > 0, impostor > 0 else { return nil }
    var points = [
      Point(threshold: .infinity, far: 0, gar: 0, falseAccepts: 0, trueAccepts: 0)
    ]
    var accepted = (genuine: 0, impostor: 0)
    let sorted = comparisons.sorted { $0.score > $1.score }
    for (index, comparison) in sorted.enumerated() {
      if comparison.isGenuine { accepted.genuine += 1 } else { accepted.impostor += 1 }
      if index + 1 < sorted.count && sorted[index + 1].score == comparison.score { continue }
      points.append(
        Point(
          threshold: comparison.score, far: Double(accepted.impostor) / Double(impostor),
          gar: Double(accepted.genuine) / Double(genuine), falseAccepts: accepted.impostor,
          trueAccepts: accepted.genuine))
    }
    self.points = points
  }

  /// The area under the curve: the chance that a genuine comparison scores higher than an impostor
  /// one, ties counting half.
  public var auc: Double {
    zip(points, points.dropFirst()).reduce(0) { sum, pair in
      sum + (pair.1.far - pair.0.far) * (pair.0.gar + pair.1.gar) / 2
    }
  }

  /// Where FAR crosses FRR, by linear interpolation of both between neighbouring points.
  public var equalError: EqualError {
    for (before, after) in zip(points, points.dropFirst()) {
      let (first, second) = (before.far - before.frr, after.far - after.frr)
      guard second >= 0 else { continue }
      let fraction = first / (first - second)
      // From "accept none" to the highest score there is nothing to interpolate.
      let upper = before.threshold.isFinite ? before.threshold : after.threshold
      return EqualError(
        rate: before.frr + fraction * (after.frr - before.frr),
        threshold: upper + fraction * (after.threshold - upper))
    }
    preconditionFailure("the last point accepts everything, so FAR exceeds FRR there")
  }

  /// The operating point with the most accepts whose FAR is at most `far`, in 0...1.
  ///
  /// Nothing is interpolated: where scores tie, no threshold reaches the rates between two points.
  ///
  /// - Returns: the point; `nil` when `far` is less than one false accept among the impostor
  ///   comparisons there are, so that it cannot be measured.
  public func point(atFAR far: Double) -> Point? {
    guard far * Double(impostor) >= 1 - 1e-9 else { return nil }
    return points.last { Double($0.falseAccepts) <= far * Double(impostor) + 1e-9 }
  }
}

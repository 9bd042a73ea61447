/// The rates at which genuine and impostor comparisons are accepted at every threshold.
///
/// A comparison is accepted if its score is greater than or equal to the threshold. FAR and FRR are
/// per comparison (FMR and FNMR in ISO/IEC 19795-1).
public struct ROC: Sendable, Equatable {
  /// One operating point.
  public struct Point: Sendable, Equatable {
    /// The minimum accepted score; infinity accepts none.
    public let threshold: Double
    /// False acceptance rate, in 0...1.
    public let far: Double
    /// Genuine acceptance rate, in 0...1.
    public let gar: Double
    /// Number of accepted impostor comparisons.
    public let falseAccepts: Int
    /// Number of accepted genuine comparisons.
    public let trueAccepts: Int
    /// False rejection rate, 1 - GAR.
    public var frr: Double { 1 - gar }
  }

  /// The point where FAR and FRR are equal.
  public struct EqualError: Sendable, Equatable {
    /// The rate, in 0...1.
    public let rate: Double
    /// The threshold, between those of the neighbouring points.
    public let threshold: Double
  }

  /// Number of genuine comparisons.
  public let genuine: Int
  /// Number of impostor comparisons.
  public let impostor: Int
  /// The points by descending threshold: first the point that accepts nothing, then one point for
  /// each distinct score.
  public let points: [Point]

  /// Computes the curve of comparisons; `nil` unless there are both genuine and impostor ones.
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

  /// The area under the curve: the probability that a genuine comparison scores higher than an
  /// impostor one, with ties counted as one half.
  public var auc: Double {
    zip(points, points.dropFirst()).reduce(0) { sum, pair in
      sum + (pair.1.far - pair.0.far) * (pair.0.gar + pair.1.gar) / 2
    }
  }

  /// The point where FAR crosses FRR, by linear interpolation of both between neighbouring points.
  public var equalError: EqualError {
    for (before, after) in zip(points, points.dropFirst()) {
      let (first, second) = (before.far - before.frr, after.far - after.frr)
      guard second >= 0 else { continue }
      let fraction = first / (first - second)
      // The threshold of "accept none" is infinite, so it cannot be interpolated with the highest
      // score.
      let upper = before.threshold.isFinite ? before.threshold : after.threshold
      return EqualError(
        rate: before.frr + fraction * (after.frr - before.frr),
        threshold: upper + fraction * (after.threshold - upper))
    }
    preconditionFailure("the last point accepts everything, so FAR exceeds FRR there")
  }

  /// The operating point with the maximum number of accepts whose FAR is at most `far`, in 0...1.
  ///
  /// There is no interpolation: if scores are equal, no threshold reaches the rates between two
  /// points.
  ///
  /// - Returns: the point; `nil` if `far` is less than one false accept among the impostor
  ///   comparisons, so that it cannot be measured.
  public func point(atFAR far: Double) -> Point? {
    guard far * Double(impostor) >= 1 - 1e-9 else { return nil }
    return points.last { Double($0.falseAccepts) <= far * Double(impostor) + 1e-9 }
  }
}

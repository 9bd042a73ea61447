/// The point where FAR and FRR are equal.
public struct EqualError: Sendable, Equatable {
  /// The rate, in 0...1.
  public let rate: Double
  /// The threshold, between those of the neighbouring points.
  public let threshold: Double
  /// The smaller and the larger of FAR and FRR at the neighbouring point with the smaller sum of
  /// both: the rates that a threshold reaches, without interpolation.
  ///
  /// Source: Maio, Maltoni, Cappelli, Wayman and Jain, FVC2000, 2002, section 4.
  public let interval: ClosedRange<Double>

  /// Interpolates between neighbouring points; `nil` if FAR is less than FRR at both.
  init?(_ before: ROC.Point, _ after: ROC.Point) {
    let (first, second) = (before.far - before.frr, after.far - after.frr)
    guard second >= 0 else { return nil }
    let fraction = first == second ? 0 : first / (first - second)
    // The threshold of "accept none" is infinite, so it cannot be interpolated with the highest
    // score.
    let upper = before.threshold.isFinite ? before.threshold : after.threshold
    rate = before.frr + fraction * (after.frr - before.frr)
    threshold = upper + fraction * (after.threshold - upper)
    let nearer = before.far + before.frr <= after.far + after.frr ? before : after
    interval = min(nearer.far, nearer.frr)...max(nearer.far, nearer.frr)
  }
}

extension ROC {
  /// The point where FAR crosses FRR, by linear interpolation of both between neighbouring points.
  public var equalError: EqualError {
    var before: Point?
    for point in points {
      if let before, let error = EqualError(before, point) { return error }
      before = point
    }
    preconditionFailure("the last point accepts everything, so FAR exceeds FRR there")
  }
}

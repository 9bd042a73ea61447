import Foundation

/// The rates at which genuine and impostor comparisons are accepted at every threshold.
///
/// A comparison is accepted if its score is greater than or equal to the threshold. FAR and FRR are
/// per comparison (FMR and FNMR in ISO/IEC 19795-1). Only the sorted scores are kept; every figure
/// follows from them without a list of points.
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

  /// The genuine scores, descending.
  public let genuineScores: [Double]
  /// The impostor scores, descending.
  public let impostorScores: [Double]
  /// Number of genuine comparisons.
  public var genuine: Int { genuineScores.count }
  /// Number of impostor comparisons.
  public var impostor: Int { impostorScores.count }

  /// Computes the curve of comparisons; `nil` unless there are both genuine and impostor ones.
  public init?(_ comparisons: Comparisons) {
    self.init(
      genuine: comparisons.scores(genuine: true), impostor: comparisons.scores(genuine: false))
  }

  /// Computes the curve of scores in any order; `nil` unless there are both genuine and impostor
  /// ones.
  public init?(genuine: consuming [Double], impostor: consuming [Double]) {
    guard !genuine.isEmpty, !impostor.isEmpty else { return nil }
    genuine.sort(by: >)
    impostor.sort(by: >)
    genuineScores = genuine
    impostorScores = impostor
  }

  /// Computes the curve of scores that are sorted in descending order.
  init(sortedGenuine: [Double], sortedImpostor: [Double]) {
    genuineScores = sortedGenuine
    impostorScores = sortedImpostor
  }

  /// The points by descending threshold: first the point that accepts nothing, then one point for
  /// each distinct score.
  public var points: some Sequence<Point> {
    sequence(state: (genuine: 0, impostor: 0, isFirst: true)) { state -> Point? in
      if state.isFirst {
        state.isFirst = false
        return point(.infinity, genuine: 0, impostor: 0)
      }
      guard state.genuine < genuine || state.impostor < impostor else { return nil }
      let next = max(
        state.genuine < genuine ? genuineScores[state.genuine] : -.infinity,
        state.impostor < impostor ? impostorScores[state.impostor] : -.infinity)
      while state.genuine < genuine, genuineScores[state.genuine] == next { state.genuine += 1 }
      while state.impostor < impostor, impostorScores[state.impostor] == next {
        state.impostor += 1
      }
      return point(next, genuine: state.genuine, impostor: state.impostor)
    }
  }

  private func point(_ threshold: Double, genuine accepted: Int, impostor wrong: Int) -> Point {
    Point(
      threshold: threshold, far: Double(wrong) / Double(impostor),
      gar: Double(accepted) / Double(genuine), falseAccepts: wrong, trueAccepts: accepted)
  }

  /// The point of a threshold.
  public func point(at threshold: Double) -> Point {
    point(
      threshold, genuine: Self.count(genuineScores) { $0 >= threshold },
      impostor: Self.count(impostorScores) { $0 >= threshold })
  }

  /// The decisions at a threshold.
  public func decisions(at threshold: Double) -> Decisions {
    let point = point(at: threshold)
    return Decisions(
      trueAccepts: point.trueAccepts, falseRejects: genuine - point.trueAccepts,
      falseAccepts: point.falseAccepts, trueRejects: impostor - point.falseAccepts)
  }

  /// The area under the curve: the probability that a genuine comparison scores higher than an
  /// impostor one, with ties counted as one half (Mann and Whitney).
  public var auc: Double {
    // Impostor scores that are less than, and equal to, each genuine score; counted exactly.
    var (less, lessOrEqual, sum) = (0, 0, 0)
    for score in genuineScores.reversed() {
      while lessOrEqual < impostor, impostorScores[impostor - 1 - lessOrEqual] <= score {
        lessOrEqual += 1
      }
      while less < lessOrEqual, impostorScores[impostor - 1 - less] < score { less += 1 }
      sum += less + lessOrEqual
    }
    return Double(sum) / 2 / Double(genuine) / Double(impostor)
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
    let allowed = Int((far * Double(impostor) + 1e-9).rounded(.down))
    guard allowed < impostor else {
      return point(at: min(genuineScores[genuine - 1], impostorScores[impostor - 1]))
    }
    // Everything above the first impostor score that may not be accepted.
    let limit = impostorScores[allowed]
    let accepted = Self.count(genuineScores) { $0 > limit }
    let wrong = Self.count(impostorScores) { $0 > limit }
    let lowest = [
      accepted > 0 ? genuineScores[accepted - 1] : nil, wrong > 0 ? impostorScores[wrong - 1] : nil,
    ].compactMap(\.self).min()
    return point(lowest ?? .infinity, genuine: accepted, impostor: wrong)
  }

  /// The number of leading scores that satisfy a condition which no later one satisfies.
  private static func count(_ scores: [Double], _ condition: (Double) -> Bool) -> Int {
    var (low, high) = (0, scores.count)
    while low < high {
      let middle = (low + high) / 2
      if condition(scores[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The points at which the curve changes direction, thinned to a few thousand for drawing: of points
  /// closer than a line is wide, on linear and on logarithmic axes, the first is kept.
  public var curve: [Point] {
    var kept: [Point] = []
    var last: Point?
    var cell: Cell?
    for point in points {
      let next = Cell(point)
      if next != cell {
        if let last, kept.last != last { kept.append(last) }
        kept.append(point)
        cell = next
      }
      last = point
    }
    if let last, kept.last != last { kept.append(last) }
    return kept
  }

  /// The place of a point on a fine grid over all the axes that curves are drawn on.
  private struct Cell: Equatable {
    let far: Int
    let gar: Int
    let logFAR: Int
    let logFRR: Int

    init(_ point: Point) {
      func logarithm(_ rate: Double) -> Int { rate > 0 ? Int(log10(rate) * 100) : -10_000 }
      far = Int(point.far * 1_000)
      gar = Int(point.gar * 1_000)
      logFAR = logarithm(point.far)
      logFRR = logarithm(point.frr)
    }
  }
}

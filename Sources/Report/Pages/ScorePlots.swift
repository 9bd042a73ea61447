import Evaluate
import Foundation
import Plots

/// The charts of verification scores.
public struct ScorePlots {
  private let roc: ROC
  private let curve: [ROC.Point]
  private let threshold: Double?

  /// Creates the charts.
  ///
  /// - Parameters:
  ///   - roc: the curve of the comparisons.
  ///   - threshold: the threshold that was used; `nil` for none.
  public init(_ roc: ROC, threshold: Double? = nil) {
    self.roc = roc
    curve = Self.thinned(roc.curve)
    self.threshold = threshold
  }

  /// The greatest number of points of a curve.
  private static let points = 500

  /// Some points of a curve, with both ends: half of them evenly spaced along the curve, and half
  /// evenly in the logarithm of the false acceptance rate, which a logarithmic axis shows.
  private static func thinned(_ curve: [ROC.Point]) -> [ROC.Point] {
    guard curve.count > points else { return curve }
    let half = points / 2
    var kept = Set((0..<half).map { $0 * (curve.count - 1) / (half - 1) })
    if let first = curve.firstIndex(where: { $0.far > 0 }) {
      let least = log(curve[first].far)
      let greatest = log(curve[curve.count - 1].far)
      var place = first
      for number in 0..<half {
        let rate = exp(least + (greatest - least) * Double(number) / Double(half - 1))
        while place < curve.count - 1, curve[place].far < rate { place += 1 }
        kept.insert(place)
      }
    }
    return kept.sorted().map { curve[$0] }
  }

  /// All charts by file name, in the order of a page.
  public var all: [(file: String, plot: Plot)] {
    [
      ("roc.svg", rates), ("roc-log.svg", logarithmic), ("det.svg", errors),
      ("far-frr.svg", crossing), ("scores.svg", scores),
    ]
  }

  private var rates: Plot {
    let error = roc.equalError.rate
    return Plot(
      title: "ROC, with the equal error rate", xLabel: "false acceptance rate",
      yLabel: "genuine acceptance rate", x: 0...1, y: 0...1,
      marks: [
        .line([(0, 0), (1, 1)], style: "chance"), .band(band(curve), style: "one"),
        .line(curve.map { ($0.far, $0.gar) }, style: "one"),
        .point(x: error, y: 1 - error, style: "two"),
      ])
  }

  /// The smallest rate that the comparisons can measure, as a power of ten.
  private static func floor(_ count: Int) -> Double {
    var power = 0.1
    while power * Double(count) > 1, power > 1e-9 { power /= 10 }
    return power
  }

  private var logarithmic: Plot {
    let least = Self.floor(roc.impostor)
    let measured = curve.filter { $0.far > 0 }
    var plot = Plot(
      title: "ROC, logarithmic FAR",
      xLabel: "false acceptance rate", yLabel: "genuine acceptance rate", x: least...1, y: 0...1,
      marks: [
        .band([(least, 0, 1), (min(10 / Double(roc.impostor), 1), 0, 1)], style: "few"),
        .band(band(measured), style: "one"),
        .line(measured.map { ($0.far, $0.gar) }, style: "one"),
      ], legend: [("fewer than ten false accepts", "few")])
    plot.xScale = .logarithmic
    return plot
  }

  /// The Clopper-Pearson interval of the genuine acceptance rate at each FAR.
  private func band(_ points: [ROC.Point]) -> [(x: Double, low: Double, high: Double)] {
    // A band of a few hundred corners cannot be told from one of thousands.
    let step = max(1, points.count / 300)
    return points.enumerated().compactMap { place, point in
      guard place % step == 0 || place == points.count - 1 else { return nil }
      return Proportion(point.trueAccepts, of: roc.genuine).map {
        let interval = $0.interval()
        return (point.far, interval.lowerBound, interval.upperBound)
      }
    }
  }

  private var errors: Plot {
    let least = max(min(Self.floor(roc.impostor), Self.floor(roc.genuine)), 1e-4)
    let range = least...0.9
    let points = curve.filter { range.contains($0.far) && range.contains($0.frr) }
    let error = roc.equalError.rate
    var plot = Plot(
      title: "DET: both error rates on axes of the normal deviate",
      xLabel: "false acceptance rate", yLabel: "false rejection rate", x: range, y: range,
      marks: [
        .line([(least, least), (0.9, 0.9)], style: "chance"),
        .band(band(points).map { ($0.x, 1 - $0.high, 1 - $0.low) }, style: "one"),
        .line(points.map { ($0.far, $0.frr) }, style: "one"),
      ] + (range.contains(error) ? [.point(x: error, y: error, style: "two")] : []))
    plot.xScale = .normalDeviate
    plot.yScale = .normalDeviate
    return plot
  }

  private var range: ClosedRange<Double> {
    let low = min(roc.genuineScores[roc.genuine - 1], roc.impostorScores[roc.impostor - 1])
    let high = max(roc.genuineScores[0], roc.impostorScores[0])
    return low...max(high, low + 1e-9)
  }

  private var crossing: Plot {
    let points = curve.filter(\.threshold.isFinite)
    let error = roc.equalError
    var marks: [Plot.Mark] = [
      .line(points.map { ($0.threshold, $0.far) }, style: "two"),
      .line(points.map { ($0.threshold, $0.frr) }, style: "one"),
      .point(x: error.threshold, y: error.rate, style: "two"),
    ]
    if let threshold, range.contains(threshold) {
      marks.append(.line([(threshold, 0), (threshold, 1)], style: "chance"))
    }
    return Plot(
      title: "FAR and FRR over the threshold" + (threshold == nil ? "" : "; dashed: the one used"),
      xLabel: "threshold", yLabel: "rate", x: range, y: 0...1, marks: marks,
      legend: [("FRR", "one"), ("FAR", "two")])
  }

  private static let bins = 50

  private var scores: Plot {
    let genuine = Histogram(roc.genuineScores, range: range, bins: Self.bins)
    let impostor = Histogram(roc.impostorScores, range: range, bins: Self.bins)
    func outline(_ histogram: Histogram) -> [(x: Double, y: Double)] {
      let steps = histogram.shares.enumerated().flatMap { place, share in
        (0...1).map { (histogram.start + Double(place + $0) * histogram.width, share) }
      }
      return [(range.lowerBound, 0)] + steps.map { (x: $0.0, y: $0.1) } + [(range.upperBound, 0)]
    }
    let top = max((genuine.shares + impostor.shares).max() ?? 1, 1e-9)
    return Plot(
      title: "Scores", xLabel: "score", yLabel: "share of the comparisons", x: range, y: 0...top,
      marks: [
        .line(outline(impostor), style: "two"), .line(outline(genuine), style: "one"),
      ], legend: [("genuine", "one"), ("impostor", "two")])
  }
}

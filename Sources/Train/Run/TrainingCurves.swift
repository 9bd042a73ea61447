import Foundation
import Plots
import Shards

/// The curves of a training: loss and accuracy, training and validation, by step.
public struct TrainingCurves {
  private let evaluations: [ValidationReport]

  init(_ evaluations: [ValidationReport]) { self.evaluations = evaluations }

  /// Reads the curves of a run; empty if nothing was evaluated while it trained.
  ///
  /// - Throws: ``TrainError`` if the run's metrics cannot be read.
  public static func plots(of folder: RunFolder) throws -> [Plot] {
    let curves = TrainingCurves(try MetricsFile.evaluations(of: folder))
    return [curves.loss, curves.accuracy].compactMap(\.self)
  }

  private typealias Points = [(x: Double, y: Double)]

  private func points(_ value: (ValidationReport) -> Double?) -> Points {
    evaluations.compactMap { report in
      value(report).map { (x: Double(report.evaluatedStep), y: $0) }
    }
  }

  /// The loss; `nil` before the first evaluation.
  var loss: Plot? {
    let training = points { Double($0.trainingLoss) }
    let validation = points { $0.validationLoss.map(Double.init) }
    let top = (training + validation).map(\.y).filter(\.isFinite).max() ?? 1
    return plot("Loss", training, validation, 0...max(top * 1.05, 1e-6))
  }

  /// The accuracy at the best threshold; `nil` if there is none.
  var accuracy: Plot? {
    let training = points(\.trainingAccuracy)
    let validation = points(\.accuracy)
    let lowest = (training + validation).map(\.y).min() ?? 0.5
    return plot("Accuracy", training, validation, min(0.5, lowest)...1)
  }

  private func plot(
    _ name: String, _ training: Points, _ validation: Points, _ range: ClosedRange<Double>
  ) -> Plot? {
    let curves = [
      (name: "training", style: "one", points: training),
      (name: "validation", style: "two", points: validation),
    ].filter { !$0.points.isEmpty }
    guard let last = evaluations.last, !curves.isEmpty else { return nil }
    return Plot(
      title: "\(name) by step", xLabel: "step", yLabel: name.lowercased(),
      x: 0...Double(last.evaluatedStep), y: range,
      marks: curves.flatMap { Plot.Mark.curve($0.points, style: $0.style) },
      legend: curves.map { ($0.name, $0.style) })
  }

  /// Writes both charts, as SVG and PNG, into the folder of the run.
  func write(to folder: RunFolder) throws {
    for (name, plot) in [("loss", loss), ("accuracy", accuracy)] {
      guard let svg = plot?.document else { continue }
      try DurableFile.write(svg, to: "\(folder.path)/\(name).svg")
      guard let png = PNG.draw(svg) else { continue }
      try DurableFile.write(png, to: "\(folder.path)/\(name).png")
    }
  }
}

import Foundation
import Neural
import Shards

/// What a training says of itself as it goes.
public struct StepReport: Codable, Sendable, Equatable {
  /// The step, from 1, over all epochs.
  public let step: Int
  /// The epoch, from 1.
  public let epoch: Int
  /// The mean loss over what the step trained on, without weight decay.
  public let loss: Float
  /// The weight decay beside it, the sum of l2 w^2; `nil` where no layer asks for it.
  public let weightDecay: Double?
  /// The share of the triplets looked at whose term is more than 0; `nil` for other losses.
  public let activeFraction: Float?
  /// Pairs a second since the run began or went on; `nil` where samples are drawn.
  public let pairsPerSecond: Double?
  /// Samples a second since the run began or went on; `nil` where pairs are drawn.
  public let samplesPerSecond: Double?

  init(
    step: Int, epoch: Int, value: LossValue, rate: Double, unit: Recipe.Sampler.Unit
  ) {
    self.step = step
    self.epoch = epoch
    loss = value.data
    weightDecay = value.decay == 0 ? nil : value.decay
    activeFraction = value.activeFraction
    let rate = (rate * 10).rounded() / 10
    pairsPerSecond = unit == .pairs ? rate : nil
    samplesPerSecond = unit == .samples ? rate : nil
  }
}

/// What a training did.
public struct TrainingSummary: Sendable, Equatable {
  /// The number of weights.
  public let parameters: Int
  /// Steps over all epochs.
  public let steps: Int
  /// The time of the steps, without start-up, in seconds.
  public let seconds: Double
  /// What the sampler draws.
  public let unit: Recipe.Sampler.Unit
  /// How many of them a second over that time.
  public let unitsPerSecond: Double
  /// The mean loss over the steps of each epoch in this call, without weight decay.
  public let epochLosses: [Float]
  /// The mean weight decay over the same steps; empty where no layer asks for it.
  public let epochDecays: [Double]
}

/// The losses of a call's steps, epoch by epoch.
struct EpochMeans {
  private(set) var losses: [Float] = []
  private(set) var decays: [Double] = []

  /// Takes up the steps of an epoch, or those of it that were taken.
  mutating func append(_ reports: [StepReport]) {
    losses.append(reports.map(\.loss).reduce(0, +) / Float(reports.count))
    let decays = reports.compactMap(\.weightDecay)
    if !decays.isEmpty { self.decays.append(decays.reduce(0, +) / Double(decays.count)) }
  }
}

/// The file with one line a step.
struct MetricsFile {
  let folder: RunFolder

  /// Begins an empty one.
  func begin() throws(TrainError) {
    try onFile { () throws(ShardError) in try DurableFile.write("", to: folder.metrics) }
  }

  /// Adds the lines of steps.
  func append(_ reports: [StepReport]) throws(TrainError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let old = (try? String(contentsOfFile: folder.metrics, encoding: .utf8)) ?? ""
    let new = reports.compactMap { try? encoder.encode($0) }
      .map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
    try onFile { () throws(ShardError) in
      try DurableFile.write(old + new, to: folder.metrics)
    }
  }

  /// Drops the lines behind the first `steps`, which will be taken again, and reads the others.
  func keep(steps: Int) throws(TrainError) -> [StepReport] {
    let text = (try? String(contentsOfFile: folder.metrics, encoding: .utf8)) ?? ""
    let lines = text.split(separator: "\n").prefix(steps)
    try onFile { () throws(ShardError) in
      try DurableFile.write(lines.map { $0 + "\n" }.joined(), to: folder.metrics)
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var reports: [StepReport] = []
    for line in lines {
      guard let report = try? decoder.decode(StepReport.self, from: Data(line.utf8)) else {
        throw .badRun(folder: folder.path, reason: "a line of its metrics cannot be read")
      }
      reports.append(report)
    }
    return reports
  }
}

import ArgumentParser
import Catalog
import CommandSupport
import Foundation
import Train

/// `train`, also `train run`.
struct RunCommand: AsyncParsableCommand, Sendable {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Trains a recipe on the training side of a protocol (the default).",
    discussion: """
      The run's folder receives the resolved recipe, the weights, the loss of every step, and a \
      record of everything that determines the result. --resume continues after an interruption \
      and ends in the same bits as an uninterrupted run.
      """)

  @OptionGroup var store: ShardsOptions

  @Option(
    help: ArgumentHelp("A recipe's name or FILE.yaml; follows from the dataset.", valueName: "name")
  )
  var recipe: String?

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp("The protocol, if the store has several.", valueName: "name"))
  var protocolName: String?

  @Option(help: ArgumentHelp("The run's folder; runs/RECIPE-PROTOCOL-SEED.", valueName: "dir"))
  var run: String?

  @Option(help: ArgumentHelp("Number of epochs, in place of the recipe's.", valueName: "n"))
  var epochs: Int?

  @Option(help: ArgumentHelp("Stop after this number of steps.", valueName: "n"))
  var steps: Int?

  @Option(help: ArgumentHelp("Seed of every random choice.", valueName: "n"))
  var seed = 0

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Replace a value of the recipe, as batch=64.", valueName: "key=value"))
  var settings: [Setting] = []

  @Flag(
    help:
      "Continue the run in --run, with its own protocol and settings unless others are given.")
  var resume = false

  @OptionGroup var precision: PrecisionOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard epochs ?? 1 >= 1 else { throw ValidationError("--epochs must be 1 or more.") }
    guard steps ?? 1 >= 1 else { throw ValidationError("--steps must be 1 or more.") }
  }

  func run() async throws {
    let catalog = try store.open()
    // A resumed run uses its own protocol and settings unless others are given.
    let begun = resume ? self.run.map { RunFolder(path: $0) } : nil
    let record = begun.flatMap { try? RunRecord.read($0) }
    let chosen = try ProtocolFinder.find(protocolName ?? record?.protocol, in: catalog)
    let epochSetting = epochs.flatMap { Setting(argument: "epochs=\($0)") }
    let recipe = try RecipeFinder.find(
      self.recipe ?? (record == nil ? nil : begun?.recipe) ?? RecipeFinder.name(for: catalog),
      settings: settings + (epochSetting.map { [$0] } ?? []))
    let folder = RunFolder(path: run ?? "runs/\(recipe.name)-\(chosen.name)-\(seed)")
    let machine = try threads.start()
    let precision = try precision.resolved()
    let command = self
    let summary = try await ToolRunner.interruptible {
      let training = try TrainingRun(
        recipe: recipe, catalog: catalog, protocolName: chosen.name, seed: command.seed,
        machine: machine, precision: precision, folder: folder, isResumed: command.resume)
      return try command.train(training)
    }
    let report = RunReport(summary, run: folder.path, recipe: recipe.name, protocol: chosen.name)
    output.summary(report) { report.text(shards: store.shards) }
  }

  private func train(_ training: TrainingRun) throws -> TrainingSummary {
    let total = training.steps
    let bar = ProgressBar("train", unit: "steps", isEnabled: !output.quiet)
    defer { bar.finish() }
    return try training.train(maxSteps: steps ?? .max) { report in
      output.line("step", report)
      bar.update(
        report.step, of: total,
        postfix: "epoch \(report.epoch), loss \(String(format: "%.4f", report.loss))")
    }
  }
}

/// The summary of a training.
struct RunReport: Encodable {
  let run: String
  let recipe: String
  let `protocol`: String
  let parameters: Int
  let steps: Int
  let seconds: Double
  /// Only the rate of the unit that the sampler draws is set.
  let pairsPerSecond: Double?
  let samplesPerSecond: Double?
  /// The epochs of this call, from 1.
  let firstEpoch: Int
  let lastEpoch: Int
  let firstEpochLoss: Double?
  let lastEpochLoss: Double?
  /// Only if a layer uses weight decay.
  let firstEpochWeightDecay: Double?
  let lastEpochWeightDecay: Double?

  init(_ summary: TrainingSummary, run: String, recipe: String, protocol name: String) {
    self.run = run
    self.recipe = recipe
    `protocol` = name
    parameters = summary.parameters
    steps = summary.steps
    seconds = (summary.seconds * 1_000).rounded() / 1_000
    let rate = summary.unitsPerSecond.rounded()
    pairsPerSecond = summary.unit == .pairs ? rate : nil
    samplesPerSecond = summary.unit == .samples ? rate : nil
    func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
    firstEpoch = summary.firstEpoch
    lastEpoch = summary.firstEpoch + max(0, summary.epochLosses.count - 1)
    firstEpochLoss = summary.epochLosses.first.map { rounded(Double($0)) }
    lastEpochLoss = summary.epochLosses.last.map { rounded(Double($0)) }
    firstEpochWeightDecay = summary.epochDecays.first.map(rounded)
    lastEpochWeightDecay = summary.epochDecays.last.map(rounded)
  }

  func text(shards: String) -> String {
    guard let first = firstEpochLoss, let last = lastEpochLoss else {
      return "\(run) is trained to its last epoch already"
    }
    let rate =
      pairsPerSecond.map { "\(Int($0)) pairs/s" } ?? "\(Int(samplesPerSecond ?? 0)) samples/s"
    var lines = [
      "\(recipe) on \(`protocol`): \(parameters) parameters, \(steps) steps in \(seconds) s "
        + "(\(rate))",
      "mean loss of epoch \(firstEpoch) \(String(format: "%.4f", first))"
        + (lastEpoch > firstEpoch ? ", of epoch \(lastEpoch) \(String(format: "%.4f", last))" : ""),
    ]
    if let firstDecay = firstEpochWeightDecay, let lastDecay = lastEpochWeightDecay {
      lines.append(
        "weight decay beside it \(String(format: "%.4f", firstDecay))"
          + (lastEpoch > firstEpoch ? ", in the last \(String(format: "%.4f", lastDecay))" : ""))
    }
    lines.append("the run is in \(run)")
    lines.append(
      "test it with: train evaluate --run \(run) --shards \(shards) --protocol \(`protocol`)")
    return lines.joined(separator: "\n")
  }
}

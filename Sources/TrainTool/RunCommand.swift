import ArgumentParser
import Catalog
import CommandSupport
import Foundation
import MessagePassing
import Train

/// `train`, also `train run`.
struct RunCommand: AsyncParsableCommand, Sendable {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Trains a recipe on the training side of a protocol (the default).",
    discussion: """
      The run's folder receives the resolved recipe, the weights, the loss of every step, and a \
      record of everything that determines the result. --resume continues after an interruption \
      and ends in the same bits as an uninterrupted run. Started by mpirun, or by srun --mpi=pmix, \
      the ranks train together, if the tool was built with MPI.
      """)

  @OptionGroup var store: StoresOptions

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp("The protocol, if the store has several.", valueName: "name"))
  var protocolName: String?

  @Option(
    help: ArgumentHelp(
      "The run's folder; runs/RECIPE-PROTOCOL-SEED-SETTINGS.", valueName: "dir"))
  var run: String?

  @Option(help: ArgumentHelp("Stop after this number of steps.", valueName: "n"))
  var steps: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of every random choice; 0.", valueName: "n"))
  var seed: Int?

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      "Begin with the weights of a run or a file.", valueName: "run|file.safetensors"))
  var initial: String?

  @Flag(help: "Begin also with weights trained on people whom the protocol tests.")
  var allowContaminated = false

  @Flag(
    help: ArgumentHelp(
      "Continue the run in --run, with its own protocol, seed and settings unless others are "
        + "given; begin one if there is none."))
  var resume = false

  @Flag(
    help: ArgumentHelp(
      "With several ranks: batch normalisation takes mean and variance over the rows of all."))
  var syncBatchNorm = false

  @OptionGroup var recipe: RecipeOptions
  @OptionGroup var arithmetic: ArithmeticOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard steps ?? 1 >= 1 else { throw ValidationError("--steps must be 1 or more.") }
  }

  func run() async throws {
    let group = try RankGroup.join()
    var command = self
    if let group, !group.isFirst {
      // Rank 0 tells the user what happens.
      command.output.quiet = true
      command.output.json = false
    }
    try await command.run(on: group)
    group?.leave()
  }

  private func run(on group: RankGroup?) async throws {
    let stores = try store.open(output)
    try recipe.checkName()
    // A resumed run uses its own protocol, seed and settings unless others are given.
    let begun = resume ? self.run.map { RunFolder(path: $0) } : nil
    let record = begun.flatMap { $0.exists ? try? RunRecord.read($0) : nil }
    let chosen = try ProtocolFinder.find(
      protocolName ?? record?.protocol, in: stores.catalogs[0])
    let data = try TrainingData(stores, protocolName: chosen.name)
    let recipe = try recipe.resolved(for: data, begun: record == nil ? nil : begun?.recipe)
    if record != nil, let begun { noteNewLength(of: recipe, begun) }
    let machine = try threads.start(on: group)
    var options = try arithmetic.training(
      seed: seed ?? record?.seed ?? 0, on: machine,
      resuming: begun.flatMap { try record?.convolutionChoices(of: $0) },
      recordedPrecision: record?.computingPrecision)
    options.isResumed = resume
    options.group = group
    options.synchronizesNormalization = syncBatchNorm || record?.synchronizedNormalization ?? false
    options.verifies = !store.noVerify
    options.initial = try initial.map { try InitialWeights(path: $0) }
    if !allowContaminated { try options.initial?.refuseContamination(of: data) }
    let folder = RunFolder(
      path: run ?? "runs/\(recipe.runName(protocol: chosen.name, seed: options.seed))")
    let (command, prepared) = (self, options)
    let summary = try await ToolRunner.interruptible {
      let training = try TrainingRun(
        recipe: recipe, data: data, options: prepared, machine: machine, folder: folder)
      return try command.train(training)
    }
    let report = RunReport(summary, run: folder.path, recipe: recipe.name, protocol: chosen.name)
    if group?.isFirst ?? true { output.summary(report) { report.text(shards: store.words) } }
  }

  /// Says so if a resumed run gets another number of epochs than it has had so far.
  private func noteNewLength(of recipe: Recipe, _ begun: RunFolder) {
    guard let earlier = try? Recipe.read(begun.recipe), earlier.epochs != recipe.epochs else {
      return
    }
    output.note(
      "the run had \(counted(earlier.epochs, "epoch", "epochs")) and now has \(recipe.epochs)"
        + (recipe.schedule == nil ? "" : "; the schedule of its rate covers them all"))
  }

  private func train(_ training: TrainingRun) throws -> TrainingSummary {
    let (total, earlier) = (training.steps, training.stepsDone)
    let bar = ProgressBar("train", unit: "steps", isEnabled: !output.quiet)
    defer { bar.finish() }
    return try training.train(maxSteps: steps ?? .max) { event in
      switch event {
      case .step(let report, let rate):
        output.line("step", StepLine(report, rate))
        bar.update(
          report.step, of: total,
          postfix: "epoch \(report.epoch), loss \(String(format: "%.4f", report.loss))",
          earlier: earlier)
      case .evaluation(let report):
        output.line("evaluation", report)
        if !output.quiet && !output.json { bar.note(report.text) }
      case .warning(let text): output.note("warning: \(text)")
      case .note(let text): output.note(text)
      }
    }
  }
}

/// A step for `--json`.
struct StepLine: Encodable {
  let step: Int
  let epoch: Int
  let loss: Float
  let weightDecay: Double?
  let activeFraction: Float?
  /// Only the rate of the unit that the sampler draws is set.
  let pairsPerSecond: Double?
  let samplesPerSecond: Double?

  init(_ report: StepReport, _ rate: StepRate) {
    step = report.step
    epoch = report.epoch
    loss = report.loss
    weightDecay = report.weightDecay
    activeFraction = report.activeFraction
    let value = (rate.perSecond * 10).rounded() / 10
    pairsPerSecond = rate.unit == .pairs ? value : nil
    samplesPerSecond = rate.unit == .samples ? value : nil
  }
}

extension ValidationReport {
  /// The figures in one line.
  var text: String {
    func part(_ name: String, _ value: Double?) -> String? {
      value.map { "\(name) \(String(format: "%.4f", $0))" }
    }
    return [
      "epoch \(epoch), step \(evaluatedStep)", part("loss", Double(trainingLoss)),
      part("validation loss", validationLoss.map(Double.init)), part("accuracy", accuracy),
      part("EER", eer), part("AUC", auc), part("one-shot", oneShot),
      isBest == true ? "best so far" : nil,
    ].compactMap(\.self).joined(separator: ", ")
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
  /// Whether training stopped because no evaluation was better.
  let stoppedEarly: Bool
  /// Only with several ranks; see ``TrainingSummary/Communication``.
  let ranks: Int?
  let communicationSeconds: Double?
  let communicationWaitedSeconds: Double?
  let bytesSentPerStep: Int?
  let ringBytesPerStep: Int?

  init(_ summary: TrainingSummary, run: String, recipe: String, protocol name: String) {
    self.run = run
    self.recipe = recipe
    `protocol` = name
    parameters = summary.parameters
    steps = summary.steps
    stoppedEarly = summary.hasStoppedEarly
    seconds = (summary.seconds * 1_000).rounded() / 1_000
    let rate = summary.unitsPerSecond.rounded()
    pairsPerSecond = summary.unit == .pairs ? rate : nil
    samplesPerSecond = summary.unit == .samples ? rate : nil
    func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
    let communication = summary.communication
    ranks = communication?.ranks
    communicationSeconds = communication.map { rounded($0.seconds) }
    communicationWaitedSeconds = communication.map { rounded($0.waitedSeconds) }
    bytesSentPerStep = communication?.bytesPerStep
    ringBytesPerStep = communication?.ringBytesPerStep
    firstEpoch = summary.firstEpoch
    lastEpoch = summary.firstEpoch + max(0, summary.epochLosses.count - 1)
    firstEpochLoss = summary.epochLosses.first.map { rounded(Double($0)) }
    lastEpochLoss = summary.epochLosses.last.map { rounded(Double($0)) }
    firstEpochWeightDecay = summary.epochDecays.first.map(rounded)
    lastEpochWeightDecay = summary.epochDecays.last.map(rounded)
  }

  func text(shards: [String]) -> String {
    guard let first = firstEpochLoss, let last = lastEpochLoss else {
      return stoppedEarly
        ? "\(run) has stopped early; with --set evaluation.patience=N in another run it trains longer"
        : "\(run) is trained to its last epoch already"
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
    if let ranks, let busy = communicationSeconds, let waited = communicationWaitedSeconds,
      let bytes = bytesSentPerStep
    {
      lines.append(
        "\(ranks) ranks: \(String(format: "%.1f", busy)) s of communication, of which the network "
          + "waited \(String(format: "%.1f", waited)) s; \(ByteCount(bytes).description) sent in a step"
      )
    }
    lines.append("the run is in \(run)")
    lines.append(
      "test it with: train evaluate --run \(run) --shards \(shards[0]) --protocol \(`protocol`)")
    return lines.joined(separator: "\n")
  }
}

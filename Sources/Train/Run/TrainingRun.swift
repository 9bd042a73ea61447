import Catalog
import Foundation
import Neural
import Pairs
import Shards

/// A training.
///
/// Its inputs are a recipe, a store, a protocol and a seed; it writes a checkpoint and metrics.
///
/// A class because it owns the memory of the tower and of the optimiser.
public final class TrainingRun {
  private let recipe: Recipe
  private let catalog: Catalog
  /// Never read; held as long as this object exists.
  private var lock: RunLock?
  private let seed: Int
  private let folder: RunFolder
  private let record: RunRecord
  private let inputs: BatchReader
  private var planner: StepPlanner
  private let tower: Tower
  private let loss: any LossFunction
  private let optimizer: Optimizer
  /// All trained parameters: those of the tower, then those of the loss.
  private let parameters: [Parameter]
  private let embeddingGradient: FloatBuffer
  private var stepsDone = 0
  /// The losses of the steps of the current epoch, and the means of the previous epochs.
  private var stepLosses: [Float] = []
  private var epochLosses: [Float] = []

  /// Prepares a run of `recipe` over the training part of a protocol.
  ///
  /// - Parameters:
  ///   - recipe: the recipe.
  ///   - catalog: the store's catalog.
  ///   - protocolName: the protocol whose training part is used.
  ///   - seed: the seed of every random choice.
  ///   - machine: the configuration of the libraries, which must be started.
  ///   - precision: the precision of the tower.
  ///   - folder: the folder of the run.
  ///   - isResumed: whether to resume the run in `folder`.
  /// - Throws: ``TrainError``; nothing is written in that case.
  public init(
    recipe: Recipe, catalog: Catalog, protocolName: String, seed: Int, machine: Machine,
    precision: Precision = .float32, folder: RunFolder, isResumed: Bool
  ) throws {
    self.recipe = recipe
    self.catalog = catalog
    self.seed = seed
    self.folder = folder
    inputs = try BatchReader(catalog, recipe: recipe, rows: recipe.rows)
    try recipe.checkLoss()
    planner = try StepPlanner(
      recipe, catalog: catalog, protocolName: protocolName, seed: seed)
    tower = try Tower(
      recipe.tower, input: recipe.inputShape, rows: recipe.rows, seed: seed,
      isTrainable: true, precision: precision)
    loss = try recipe.loss.makeFunction(
      length: tower.embeddingLength, classes: planner.identities.count, seed: seed)
    parameters = tower.parameters + loss.parameters
    optimizer = try recipe.makeOptimizer()
    embeddingGradient = FloatBuffer(count: recipe.rows * tower.embeddingLength)
    let (digest, protocolDigest) = (
      try catalog.digest(), try catalog.digest(ofProtocol: protocolName)
    )
    record = RunRecord(
      recipe: recipe.name, recipeDigest: Digest.sha256(recipe.yaml.utf8), storeDigest: digest,
      protocol: protocolName,
      protocolDigest: protocolDigest, seed: seed, threads: Machine.threads,
      instructionSet: machine.instructionSet, onednn: machine.onednn, convolution: "direct",
      precision: tower.precision.rawValue, parameters: parameters.reduce(0) { $0 + $1.count },
      classes: loss.classes)
    if isResumed { try resume() } else { try begin() }
  }

  /// Number of steps of the whole run.
  public var steps: Int { recipe.epochs * planner.stepsPerEpoch }

  private var metrics: MetricsFile { MetricsFile(folder: folder) }

  /// The file of classes, if the loss has classes.
  private var classes: ClassesFile? {
    loss.classes.map { _ in ClassesFile(folder: folder, identities: planner.identities) }
  }

  private func begin() throws {
    guard !folder.exists else { throw TrainError.runExists(folder: folder.path) }
    try inputs.fit(planner.members)
    lock = try RunLock(folder, makesFolder: true)
    // Another process may have started a run in the meantime.
    guard !folder.exists else { throw TrainError.runExists(folder: folder.path) }
    try DurableFile.write(recipe.yaml, to: folder.recipe)
    try metrics.begin()
    try classes?.write()
    try TrainedOn.write(planner.members, of: catalog, to: folder)
    try record.write(to: folder)
  }

  private func resume() throws {
    lock = try RunLock(folder, makesFolder: false)
    let stored = try RunRecord.read(folder)
    let isLonger = try recipeWasExtended(stored)
    let differences = stored.differences(from: record, withoutRecipe: isLonger)
    guard differences.isEmpty else {
      throw TrainError.differentRun(folder: folder.path, what: differences.joined(separator: ", "))
    }
    try classes?.check()
    // A run that was stopped in its first epoch has no checkpoint and starts again.
    guard FileManager.default.fileExists(atPath: folder.checkpoint) else {
      try inputs.fit(planner.members)
      try TrainedOn.write(planner.members, of: catalog, to: folder)
      try metrics.begin()
      return try noteExtension(isLonger)
    }
    // Everything is checked before anything in the run is changed.
    let checkpoint = try Checkpoint(folder)
    guard checkpoint.step <= steps else {
      throw TrainError.badRun(
        folder: folder.path,
        reason: "its checkpoint is at step \(checkpoint.step), and the run has \(steps)")
    }
    try inputs.use(checkpoint.normalization)
    try parameters.load(checkpoint.weights)
    try optimizer.restore(checkpoint.optimizer, for: parameters, step: checkpoint.step)
    stepsDone = checkpoint.step
    for report in try metrics.keep(steps: stepsDone) { count(report.loss, step: report.step) }
    try noteExtension(isLonger)
  }

  private func noteExtension(_ isLonger: Bool) throws {
    guard isLonger else { return }
    try DurableFile.write(recipe.yaml, to: folder.recipe)
    try record.write(to: folder)
  }

  /// Returns true if the recipe differs from the run's only in the number of epochs and may differ.
  ///
  /// Compares the file and not its digest: if an extension was interrupted between its two files,
  /// the next one repairs it.
  private func recipeWasExtended(_ stored: RunRecord) throws -> Bool {
    guard stored.recipeDigest != record.recipeDigest else { return false }
    let text = (try? String(contentsOfFile: folder.recipe, encoding: .utf8)) ?? ""
    let epochs = [(key: "epochs", value: String(recipe.epochs))]
    guard let old = try? Recipe.parse(yaml: text, path: folder.recipe),
      let extended = try? Recipe.parse(yaml: text, path: folder.recipe, settings: epochs),
      extended == recipe
    else { return false }
    if let schedule = recipe.schedule, schedule.followsFromLength, old.epochs != recipe.epochs {
      throw TrainError.fixedLength(folder: folder.path, schedule: schedule.name, epochs: old.epochs)
    }
    return true
  }

  /// Records the loss of a step.
  private func count(_ value: Float, step: Int) {
    stepLosses.append(value)
    guard step % planner.stepsPerEpoch == 0 else { return }
    epochLosses.append(stepLosses.reduce(0, +) / Float(stepLosses.count))
    stepLosses = []
  }

  /// Trains to the recipe's last epoch.
  ///
  /// The checkpoint and the metrics are written to disk after each epoch and at the end.
  ///
  /// - Parameters:
  ///   - maxSteps: the maximum number of steps of this call; it may end before the last epoch.
  ///   - progress: called after every step.
  /// - Returns: a summary of this call.
  /// - Throws: ``TrainError``; everything saved before remains.
  public func train(
    maxSteps: Int = .max, progress: (StepReport) -> Void
  ) throws -> TrainingSummary {
    let start = DispatchTime.now().uptimeNanoseconds
    let firstEpoch = stepsDone / planner.stepsPerEpoch + 1
    func seconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 }
    let (first, last) = (stepsDone, steps)
    let end = maxSteps < last - first ? first + maxSteps : last
    var units = 0
    var unsaved: [StepReport] = []
    var means = EpochMeans()
    while stepsDone < end {
      let (epoch, step) = stepsDone.quotientAndRemainder(dividingBy: planner.stepsPerEpoch)
      let plan = planner.plan(epoch: epoch, step: step)
      let value = try self.step(plan)
      try refuseDivergence(value, epoch: epoch + 1, step: step + 1)
      stepsDone += 1
      count(value.data, step: stepsDone)
      units += plan.count
      let report = StepReport(
        step: stepsDone, epoch: epoch + 1, value: value, rate: Double(units) / seconds(),
        unit: recipe.sampler.unit)
      unsaved.append(report)
      progress(report)
      if stepsDone % planner.stepsPerEpoch == 0 || stepsDone == end {
        means.append(unsaved)
        try save(unsaved)
        unsaved = []
      }
      guard !Task.isCancelled else { throw TrainError.interrupted }
    }
    let elapsed = seconds()
    return TrainingSummary(
      parameters: record.parameters, steps: stepsDone - first, firstEpoch: firstEpoch,
      seconds: elapsed,
      unit: recipe.sampler.unit,
      unitsPerSecond: stepsDone > first ? Double(units) / elapsed : 0,
      epochLosses: means.losses, epochDecays: means.decays)
  }

  private func refuseDivergence(_ value: LossValue, epoch: Int, step: Int) throws(TrainError) {
    guard value.data.isFinite else {
      throw .diverged(epoch: epoch, step: step, optimizer: recipe.optimizer.name)
    }
  }

  /// Performs one step: samples, embeddings, loss, gradients and the update of the parameters.
  private func step(_ plan: StepPlan) throws -> LossValue {
    let (epoch, step) = stepsDone.quotientAndRemainder(dividingBy: planner.stepsPerEpoch)
    try inputs.read(
      plan.samples.enumerated().map { (id: $1, row: $0) }, to: tower.input,
      augmentedAt: Augmenter.Place(seed: seed, epoch: epoch, step: step))
    let pass = Pass.training(seed: seed, step: stepsDone)
    try tower.forward(pass)
    var value = try loss.evaluate(
      tower.embeddings, length: tower.embeddingLength, labels: plan.labels,
      gradient: embeddingGradient)
    try tower.backward(embeddingGradient: embeddingGradient, pass)
    value.decay = parameters.decay
    guard value.data.isFinite else { return value }
    let factor = (recipe.schedule ?? .constant).factor(
      step: stepsDone, stepsPerEpoch: planner.stepsPerEpoch, epochs: recipe.epochs,
      losses: epochLosses)
    optimizer.update(
      parameters, step: stepsDone, rate: recipe.optimizer.rate * factor,
      momentum: recipe.momentumRamp?.momentum(
        step: stepsDone, stepsPerEpoch: planner.stepsPerEpoch, optimizer: recipe.optimizer))
    return value
  }

  private func save(_ reports: [StepReport]) throws {
    guard parameters.areFinite else {
      throw TrainError.diverged(
        epoch: reports.last?.epoch ?? 0, step: reports.last?.step ?? 0,
        optimizer: recipe.optimizer.name)
    }
    try metrics.append(reports)
    try Checkpoint.write(
      step: stepsDone, parameters: parameters, optimizer: optimizer,
      normalization: inputs.statistics, to: folder)
  }
}

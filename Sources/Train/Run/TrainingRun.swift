import Catalog
import Foundation
import Neural
import Pairs
import Shards

/// A training: recipe, store, protocol and seed in, checkpoint and metrics out.
///
/// A class because it owns the tower's memory and the optimiser's.
public final class TrainingRun {
  private let recipe: Recipe
  private let catalog: Catalog
  /// Held as long as this object, which nothing reads.
  private var lock: RunLock?
  private let seed: Int
  private let folder: RunFolder
  private let record: RunRecord
  private let inputs: BatchReader
  private var planner: StepPlanner
  private let tower: Tower
  private let loss: any LossFunction
  private let optimizer: Optimizer
  /// Everything training changes: the tower's weights, then those of the loss.
  private let parameters: [Parameter]
  private let embeddingGradient: FloatBuffer
  private var stepsDone = 0
  /// The losses of the steps of the epoch that is under way, and the means of those before.
  private var stepLosses: [Float] = []
  private var epochLosses: [Float] = []

  /// Prepares a run of `recipe` over the training part of a protocol.
  ///
  /// - Parameters:
  ///   - recipe: what is trained, and how.
  ///   - catalog: the store's catalog.
  ///   - protocolName: the protocol whose training part is used.
  ///   - seed: what every random choice is drawn from.
  ///   - machine: the libraries, started.
  ///   - precision: what the tower computes in.
  ///   - folder: where the run lies.
  ///   - isResumed: whether to go on where the run in `folder` stopped.
  /// - Throws: ``TrainError``; nothing is written then.
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

  /// How many steps the whole run has.
  public var steps: Int { recipe.epochs * planner.stepsPerEpoch }

  private var metrics: MetricsFile { MetricsFile(folder: folder) }

  /// The file of classes, where the loss has some.
  private var classes: ClassesFile? {
    loss.classes.map { _ in ClassesFile(folder: folder, identities: planner.identities) }
  }

  private func begin() throws {
    guard !folder.exists else { throw TrainError.runExists(folder: folder.path) }
    try inputs.fit(planner.members)
    lock = try RunLock(folder, makesFolder: true)
    // Another process may have begun one in the meantime.
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
    // A run that was stopped within its first epoch has no checkpoint: it begins again.
    guard FileManager.default.fileExists(atPath: folder.checkpoint) else {
      try inputs.fit(planner.members)
      try TrainedOn.write(planner.members, of: catalog, to: folder)
      try metrics.begin()
      return try noteExtension(isLonger)
    }
    // Everything is checked before anything of the run is changed.
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

  /// Returns true if the recipe differs from the run's in its epochs alone and may.
  ///
  /// The file is compared and not its digest: when an extension was cut short between its two files,
  /// the next one mends it.
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

  /// Trains to the recipe's last epoch; after each epoch, and at the end, the checkpoint and the
  /// metrics are on the disk.
  ///
  /// - Parameters:
  ///   - maxSteps: ends this call after so many steps, before the last epoch.
  ///   - progress: called after every step.
  /// - Returns: what this call did.
  /// - Throws: ``TrainError``; what was saved before it stays.
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

  /// One step: samples, embeddings, loss and gradients, and the weights moved along them.
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

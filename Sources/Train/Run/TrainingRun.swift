import Catalog
import Foundation
import Neural
import Shards

/// A training.
///
/// Its inputs are a recipe, the sides of a protocol and options; it writes checkpoints, metrics and
/// a record into its folder.
///
/// A class because it owns the memory of the network.
public final class TrainingRun {
  let recipe: Recipe
  let options: TrainingOptions
  let folder: RunFolder
  let record: RunRecord
  let planner: StepPlanner
  let network: TrainedNetwork
  let inputs: BatchReader
  let validator: Validator?
  let data: TrainingData
  private let classes: ClassesFile?
  /// Never read; held as long as this object exists.
  private var lock: RunLock?
  /// The position, and what is remembered of the steps before.
  var state = TrainingState()
  /// The lines of metrics that are not in the file yet.
  var pending = ""
  /// The log for TensorBoard, during ``train(maxSteps:observe:)``.
  var log: TensorBoardLog?
  /// The SHA-256 of the file of metrics so far.
  private var metricsDigest = Digest.Running()
  /// The step of the newest checkpoint; `nil` if there is none.
  var savedStep: Int?

  /// Prepares a run of `recipe` over the training side of a protocol.
  ///
  /// - Parameters:
  ///   - recipe: the recipe.
  ///   - data: the sides of the protocol.
  ///   - options: how the training runs.
  ///   - machine: the configuration of the libraries, which must be started.
  ///   - folder: the folder of the run.
  /// - Throws: ``TrainError``; nothing is written in that case.
  public init(
    recipe: Recipe, data: TrainingData, options: TrainingOptions, machine: Machine,
    folder: RunFolder
  ) throws {
    self.recipe = recipe
    self.options = options
    self.folder = folder
    self.data = data
    let rows = try recipe.rows(sharedBy: options.group?.count ?? 1)
    func reader() throws -> BatchReader {
      try BatchReader(data.stores, recipe: recipe, rows: rows, verifies: options.verifies)
    }
    inputs = try reader()
    try recipe.checkLoss()
    planner = try StepPlanner(recipe, data: data, seed: options.seed)
    network = try Self.network(
      recipe, classes: data.training.identities.count, stepsPerEpoch: planner.stepsPerEpoch,
      options: options)
    validator =
      options.group?.isFirst ?? true
      ? try Validator(
        recipe.evaluation ?? .default, data: data, seed: options.seed, network: network,
        reader: reader) : nil
    classes = network.loss.classes.map { _ in
      ClassesFile(folder: folder, identities: data.training.identities)
    }
    record = try RunRecord(
      recipe, data: data, options: options, machine: machine, network: network,
      begun: folder.hasCheckpoint ? try RunRecord.read(folder) : nil)
    let hasCheckpoint = folder.hasCheckpoint
    try checkRanks(checkpoint: hasCheckpoint ? "one" : "none")
    if hasCheckpoint {
      guard options.isResumed else { throw TrainError.runExists(folder: folder.path) }
      try resume()
    } else {
      try begin()
    }
  }

  /// Number of steps of the whole run.
  public var steps: Int { recipe.epochs * planner.stepsPerEpoch }

  /// Number of steps done, in this and in earlier calls.
  public var stepsDone: Int { state.step }

  var metrics: MetricsFile { MetricsFile(path: folder.metrics) }

  /// Begins a run; one that was stopped before its first checkpoint is begun again, with the same
  /// settings if it is resumed.
  private func begin() throws {
    if options.isResumed, let stored = try? RunRecord.read(folder) {
      // Without a step any length will do.
      let isExtended = (try? recipeWasExtended(stored)) ?? true
      let differences = stored.differences(
        from: record, withoutRecipe: isExtended, withoutMachine: true)
      guard differences.isEmpty else {
        throw TrainError.differentBeginning(
          folder: folder.path, what: differences.joined(separator: ", "))
      }
    }
    try options.initial?.load(into: network.tower.parameters, others: network.loss.parameters)
    network.averages?.begin()
    let statistics = try sharing {
      try inputs.fit(data.training.ids)
      return inputs.statistics
    }
    try inputs.use(statistics)
    try validator?.use(statistics)
    guard isWriter else { return }
    lock = try RunLock(folder, makesFolder: true)
    // Another process may have trained here in the meantime.
    guard !folder.hasCheckpoint else { throw TrainError.runExists(folder: folder.path) }
    folder.removeLeftovers()
    folder.removeResults()
    try DurableFile.write(recipe.yaml, to: folder.recipe)
    try metrics.begin()
    try MetricsFile(path: folder.timing).begin()
    try classes?.write()
    try TrainedOn.write(
      data, trainsListedPairs: recipe.sampler == .listed, after: options.initial?.trainedOn,
      to: folder)
    try record.write(to: folder)
  }

  private func resume() throws {
    if isWriter { lock = try RunLock(folder, makesFolder: false) }
    let stored = try RunRecord.read(folder)
    let isExtended = try recipeWasExtended(stored)
    let differences = stored.differences(from: record, withoutRecipe: isExtended)
    guard differences.isEmpty else {
      throw TrainError.differentRun(folder: folder.path, what: differences.joined(separator: ", "))
    }
    try classes?.check()
    // Everything is checked before anything in the run is changed.
    let checkpoint = try Checkpoint(folder)
    guard checkpoint.state.step <= steps else {
      throw TrainError.badRun(
        folder: folder.path,
        reason: "its checkpoint is at step \(checkpoint.state.step), and the run has \(steps)")
    }
    try checkRanks(checkpoint: "that of step \(checkpoint.state.step)")
    try inputs.use(checkpoint.normalization)
    try validator?.use(checkpoint.normalization)
    try network.restore(
      weights: checkpoint.weights, averages: checkpoint.averages,
      optimizerMemory: checkpoint.optimizer, step: checkpoint.state.step)
    state = checkpoint.state
    savedStep = state.step
    guard isWriter else { return }
    metricsDigest = try metrics.keep(state, of: folder)
    folder.removeLeftovers()
    guard isExtended else { return }
    // Of other weights or settings from now on; it is learned again when the training ends.
    try? FileManager.default.removeItem(atPath: folder.learnedScore)
    try DurableFile.write(recipe.yaml, to: folder.recipe)
    try record.write(to: folder)
  }

  /// Returns true if the recipe differs from the run's only in the number of epochs and in the score
  /// that is learned at the end, and may differ.
  ///
  /// Compares the file and not its digest: if an extension was interrupted between its two files,
  /// the next one repairs it.
  private func recipeWasExtended(_ stored: RunRecord) throws -> Bool {
    guard stored.recipeDigest != record.recipeDigest else { return false }
    let text = (try? String(contentsOfFile: folder.recipe, encoding: .utf8)) ?? ""
    let epochs = [(key: "epochs", value: String(recipe.epochs))]
    guard let old = try? Recipe.parse(yaml: text, path: folder.recipe),
      var extended = try? Recipe.parse(yaml: text, path: folder.recipe, settings: epochs)
    else { return false }
    extended.score = recipe.score
    guard extended == recipe else { return false }
    if let schedule = recipe.schedule, schedule.followsFromLength, old.epochs != recipe.epochs {
      throw TrainError.fixedLength(folder: folder.path, schedule: schedule.name, epochs: old.epochs)
    }
    return true
  }

  /// Refuses weights that are NaN or infinite before they are written.
  ///
  /// - Throws: ``TrainError/diverged(layer:epoch:step:checkpoint:optimizer:)``.
  func checkWeights() throws {
    guard let name = network.faultyParameter() else { return }
    throw diverged(TrainError.notFinite(layer: "the weights \(name)"), step: state.step)
  }

  /// Appends the pending metrics, and writes a checkpoint; the one before it is kept.
  func save() throws {
    guard isWriter else {
      try flush()
      savedStep = state.step
      return
    }
    try checkWeights()
    try flush()
    try? FileManager.default.removeItem(atPath: folder.previousCheckpoint)
    if FileManager.default.fileExists(atPath: folder.checkpoint) {
      try DurableFile.link([(folder.checkpoint, folder.previousCheckpoint)])
    }
    try Checkpoint.write(
      state, network, normalization: inputs.statistics, to: folder.checkpoint)
    savedStep = state.step
  }

  /// Appends the pending metrics to the file.
  func flush() throws {
    defer { pending = "" }
    guard !pending.isEmpty, isWriter else { return }
    try metrics.append(pending)
    state.metricsBytes += pending.utf8.count
    pending.withUTF8 { metricsDigest.update(UnsafeRawBufferPointer($0)) }
    state.metricsDigest = metricsDigest.finalize()
    try log?.flush()
  }

  /// What a value that is not finite at a step, from 1, means for the run.
  func diverged(_ error: any Error, step: Int) -> any Error {
    guard case TrainError.notFinite(let layer) = error else { return error }
    let (epoch, own) = (step - 1).quotientAndRemainder(dividingBy: planner.stepsPerEpoch)
    return TrainError.diverged(
      layer: layer, epoch: epoch + 1, step: own + 1, checkpoint: savedStep,
      optimizer: recipe.optimizer.name)
  }
}

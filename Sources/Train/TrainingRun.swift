import Catalog
import Foundation
import Neural
import Pairs
import Shards

/// What a training says of itself as it goes.
public struct StepReport: Codable, Sendable, Equatable {
  /// The step, from 1, over all epochs.
  public let step: Int
  /// The epoch, from 1.
  public let epoch: Int
  /// The mean loss over the pairs of the step.
  public let loss: Float
  /// Pairs a second since the run began or went on.
  public let pairsPerSecond: Double
}

/// What a training did.
public struct TrainingSummary: Sendable, Equatable {
  /// The number of weights.
  public let parameters: Int
  /// Steps over all epochs.
  public let steps: Int
  /// The time of the steps, without start-up, in seconds.
  public let seconds: Double
  /// Pairs a second over that time.
  public let pairsPerSecond: Double
  /// The mean loss over the steps of each epoch in this call.
  public let epochLosses: [Float]
}

/// A training: recipe, store, protocol and seed in, checkpoint and metrics out.
///
/// A class because it owns the tower's memory and the optimiser's.
public final class TrainingRun {
  private let recipe: Recipe
  private let seed: Int
  private let folder: RunFolder
  private let record: RunRecord
  private let inputs: BatchReader
  /// The samples that training may see.
  private let members: [Int]
  private let sampler: BalancedPairSampler
  private let tower: Tower
  private let head: WeightedDifferenceHead?
  private let loss: PairLoss
  private let optimizer: Optimizer
  /// Everything training changes: the tower's weights, then the head's.
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
  ///   - folder: where the run lies.
  ///   - isResumed: whether to go on where the run in `folder` stopped.
  /// - Throws: ``TrainError``; nothing is written then.
  public init(
    recipe: Recipe, catalog: Catalog, protocolName: String, seed: Int, machine: Machine,
    folder: RunFolder, isResumed: Bool
  ) throws(TrainError) {
    self.recipe = recipe
    self.seed = seed
    self.folder = folder
    inputs = try BatchReader(catalog, recipe: recipe, rows: 2 * recipe.batch)
    members = try onCatalog { () throws(CatalogError) in
      try catalog.members(of: protocolName, Part(role: .train))
    }
    sampler = try Self.sampler(
      catalog, members: members, protocolName: protocolName, seed: seed)
    tower = try onNetwork { () throws(NeuralError) in
      try Tower(
        recipe.tower, input: recipe.inputShape, rows: 2 * recipe.batch, seed: seed,
        isTrainable: true)
    }
    head = recipe.makeHead(over: tower, seed: seed, isTrainable: true)
    parameters = tower.parameters + (head?.parameters ?? [])
    loss = try recipe.makeLoss()
    optimizer = try recipe.makeOptimizer()
    embeddingGradient = FloatBuffer(count: 2 * recipe.batch * tower.embeddingLength)
    let (digest, protocolDigest) = try onCatalog { () throws(CatalogError) in
      (try catalog.digest(), try catalog.digest(ofProtocol: protocolName))
    }
    record = RunRecord(
      recipe: recipe.name, recipeDigest: Digest.sha256(recipe.yaml.utf8), storeDigest: digest,
      protocol: protocolName,
      protocolDigest: protocolDigest, seed: seed, threads: machine.threads,
      instructionSet: machine.instructionSet, onednn: machine.onednn, convolution: "direct",
      precision: "f32", parameters: parameters.reduce(0) { $0 + $1.count })
    if isResumed { try resume() } else { try begin() }
  }

  private static func sampler(
    _ catalog: Catalog, members: [Int], protocolName: String, seed: Int
  ) throws(TrainError) -> BalancedPairSampler {
    let table = try onCatalog { () throws(CatalogError) in
      try SampleTable(catalog).restricted(to: Set(members))
    }
    guard !table.ids.isEmpty else { throw .nothingToTrain(protocol: protocolName) }
    do throws(PairError) { return try BalancedPairSampler(table, seed: seed) } catch {
      throw .pairs(error)
    }
  }

  private func begin() throws(TrainError) {
    guard !folder.exists else { throw .runExists(folder: folder.path) }
    try inputs.fit(members)
    do {
      try FileManager.default.createDirectory(
        atPath: folder.path, withIntermediateDirectories: true)
    } catch {
      throw .file(.system(operation: "make the folder", path: folder.path, code: errno))
    }
    try onFile { () throws(ShardError) in
      try DurableFile.write(recipe.yaml, to: folder.recipe)
      try DurableFile.write("", to: folder.metrics)
    }
    try record.write(to: folder)
  }

  private func resume() throws(TrainError) {
    guard try RunRecord.read(folder) == record else {
      throw .differentRun(
        folder: folder.path, what: "store, protocol, recipe, seed, threads or processor")
    }
    // A run that was stopped within its first epoch has no checkpoint: it begins again.
    guard FileManager.default.fileExists(atPath: folder.checkpoint) else {
      try inputs.fit(members)
      return try onFile { () throws(ShardError) in try DurableFile.write("", to: folder.metrics) }
    }
    let checkpoint = try Checkpoint(folder)
    try inputs.use(checkpoint.normalization)
    try onNetwork { () throws(NeuralError) in try parameters.load(checkpoint.weights) }
    optimizer.restore(checkpoint.optimizer)
    stepsDone = checkpoint.step
    try keepMetrics()
  }

  /// Drops the lines of steps behind the checkpoint, which will be taken again.
  private func keepMetrics() throws(TrainError) {
    let text = (try? String(contentsOfFile: folder.metrics, encoding: .utf8)) ?? ""
    let lines = text.split(separator: "\n").prefix(stepsDone)
    try onFile { () throws(ShardError) in
      try DurableFile.write(lines.map { $0 + "\n" }.joined(), to: folder.metrics)
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    for line in lines {
      guard let report = try? decoder.decode(StepReport.self, from: Data(line.utf8)) else {
        throw .badRun(folder: folder.path, reason: "a line of its metrics cannot be read")
      }
      count(report.loss, step: report.step)
    }
  }

  /// Takes note of the loss of a step.
  private func count(_ loss: Float, step: Int) {
    stepLosses.append(loss)
    guard step % recipe.stepsPerEpoch == 0 else { return }
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
  ) throws(TrainError) -> TrainingSummary {
    let start = DispatchTime.now().uptimeNanoseconds
    func seconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 }
    let first = stepsDone
    let last = recipe.epochs * recipe.stepsPerEpoch
    let end = maxSteps < last - first ? first + maxSteps : last
    var pairs = 0
    var unsaved: [StepReport] = []
    var losses: [Float] = []
    while stepsDone < end {
      let (epoch, step) = stepsDone.quotientAndRemainder(dividingBy: recipe.stepsPerEpoch)
      let count = min(recipe.batch, recipe.pairsPerEpoch - step * recipe.batch)
      let loss = try self.step(epoch: epoch, step: step, count: count)
      stepsDone += 1
      self.count(loss, step: stepsDone)
      pairs += count
      let report = StepReport(
        step: stepsDone, epoch: epoch + 1, loss: loss,
        pairsPerSecond: (Double(pairs) / seconds() * 10).rounded() / 10)
      unsaved.append(report)
      progress(report)
      if stepsDone % recipe.stepsPerEpoch == 0 || stepsDone == end {
        losses.append(unsaved.map(\.loss).reduce(0, +) / Float(unsaved.count))
        try save(unsaved)
        unsaved = []
      }
      guard !Task.isCancelled else { throw .interrupted }
    }
    let elapsed = seconds()
    return TrainingSummary(
      parameters: record.parameters, steps: stepsDone - first, seconds: elapsed,
      pairsPerSecond: stepsDone > first ? Double(pairs) / elapsed : 0, epochLosses: losses)
  }

  private func step(epoch: Int, step: Int, count: Int) throws(TrainError) -> Float {
    let pairs = sampler.batch(epoch: epoch, step: step, count: count)
    let items =
      pairs.enumerated().map { (id: $1.left, row: $0) }
      + pairs.enumerated().map { (id: $1.right, row: recipe.batch + $0) }
    try inputs.read(
      items, to: tower.input, augmentedAt: Augmenter.Place(seed: seed, epoch: epoch, step: step))
    let pass = Pass.training(seed: seed, step: stepsDone)
    let value = try onNetwork { () throws(NeuralError) in
      try tower.forward(pass)
      let value = self.loss(of: pairs.map(\.genuine))
      try tower.backward(embeddingGradient: embeddingGradient, pass)
      return value
    }
    guard value.isFinite else { throw .diverged(epoch: epoch + 1, step: step + 1) }
    let factor = (recipe.schedule ?? .constant).factor(
      step: stepsDone, stepsPerEpoch: recipe.stepsPerEpoch, epochs: recipe.epochs,
      losses: epochLosses)
    optimizer.update(
      parameters, step: stepsDone, rate: recipe.optimizer.rate * factor)
    return value
  }

  /// The loss of the tower's embeddings; their gradient is written beside.
  private func loss(of genuine: [Bool]) -> Float {
    guard let head, case .binaryCrossEntropy(let doubleSigmoid) = loss else {
      return loss.evaluate(
        tower.embeddings, length: tower.embeddingLength, genuine: genuine,
        gradient: embeddingGradient)
    }
    return head.crossEntropy(
      tower.embeddings, genuine: genuine, gradient: embeddingGradient,
      isDoubleSigmoid: doubleSigmoid ?? false)
  }

  private func save(_ reports: [StepReport]) throws(TrainError) {
    guard parameters.areFinite else {
      throw .diverged(epoch: reports.last?.epoch ?? 0, step: reports.last?.step ?? 0)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let old = (try? String(contentsOfFile: folder.metrics, encoding: .utf8)) ?? ""
    let new = reports.compactMap { try? encoder.encode($0) }
      .map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
    try onFile { () throws(ShardError) in
      try DurableFile.write(old + new, to: folder.metrics)
    }
    try Checkpoint.write(
      step: stepsDone, parameters: parameters, optimizer: optimizer,
      normalization: inputs.statistics, to: folder)
  }
}

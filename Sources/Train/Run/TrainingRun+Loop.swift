import Evaluate
import Foundation
import MessagePassing
import Neural

extension TrainingRun {
  /// What one call of ``train(maxSteps:observe:)`` counts.
  private struct Call {
    let start = DispatchTime.now().uptimeNanoseconds
    /// What the exchanges with other processes had cost before.
    let costs: RankGroup.Costs
    let firstStep: Int
    var units = 0
    var means = EpochMeans()
    var reports: [StepReport] = []
    var lastSave: UInt64
    /// Seconds spent on evaluations, and on learning the score.
    var evaluating = 0.0
    var isStopped = false
    /// Whether the evaluation after the last step was the best.
    var isBest = false

    init(firstStep: Int, costs: RankGroup.Costs) {
      self.firstStep = firstStep
      self.costs = costs
      lastSave = start
    }

    var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 }
    var secondsSinceSave: Double {
      Double(DispatchTime.now().uptimeNanoseconds - lastSave) * 1e-9
    }
  }

  /// Trains to the recipe's last epoch, or until early stopping.
  ///
  /// A checkpoint is written at the recipe's intervals, after each epoch, at the end, and when the
  /// task is cancelled.
  ///
  /// - Parameters:
  ///   - maxSteps: the maximum number of steps of this call; it may end before the last epoch.
  ///   - observe: called for what happens, in order.
  /// - Returns: a summary of this call.
  /// - Throws: ``TrainError``; everything saved before remains.
  public func train(
    maxSteps: Int = .max, observe: (TrainingEvent) -> Void
  ) throws -> TrainingSummary {
    let first = state.step
    let end = maxSteps < steps - first ? first + maxSteps : steps
    var call = Call(firstStep: first, costs: options.group?.costs ?? RankGroup.Costs())
    call.means = EpochMeans(after: state.stepLosses)
    if state.step < end && !hasStoppedEarly {
      if isWriter {
        for text in try warnings() { observe(.warning(text)) }
        log = try TensorBoardLog(folder, step: first, recipe: recipe, network: network)
      }
      // Also after an error: the curves show how it came.
      defer {
        if isWriter { try? TrainingCurves(MetricsFile.evaluations(of: folder)).write(to: folder) }
      }
      let stream = BatchStream(
        inputs, planner: planner, steps: first..<end,
        bufferCount: network.tower.rows * network.tower.inputShape.count, seed: options.seed,
        slice: options.share.slice)
      defer { stream.stop() }
      while state.step < end && !call.isStopped {
        guard try step(stream, &call, observe: observe) else {
          try save()
          try meet()
          throw TrainError.interrupted
        }
        call.isBest = false
        if isEvaluated(after: state.step) { try evaluate(&call, observe: observe) }
        call.isStopped = hasStoppedEarly
        try saveIfDue(stream, &call, end: end)
        guard !network.isStopRequested else {
          // The first process that ends ends the others, so rank 0 must have saved before.
          try meet()
          throw TrainError.interrupted
        }
      }
      if call.isStopped && state.step < end {
        observe(
          .warning(
            "no evaluation was better in \(state.evaluationsSinceBest) evaluations: training "
              + "stops early, at step \(state.step)"))
      }
    }
    if !call.reports.isEmpty { call.means.append(call.reports) }
    let learning = DispatchTime.now().uptimeNanoseconds
    try learnScore(observe: observe)
    call.evaluating += Double(DispatchTime.now().uptimeNanoseconds - learning) * 1e-9
    return summary(call)
  }

  private func summary(_ call: Call) -> TrainingSummary {
    let (steps, seconds) = (state.step - call.firstStep, call.seconds)
    return TrainingSummary(
      parameters: record.parameters, steps: steps,
      firstEpoch: call.firstStep / planner.stepsPerEpoch + 1, seconds: seconds,
      unit: recipe.sampler.unit,
      unitsPerSecond: steps > 0 ? Double(call.units) / (seconds - call.evaluating) : 0,
      epochLosses: call.means.losses, epochDecays: call.means.decays,
      hasStoppedEarly: hasStoppedEarly && state.step < self.steps,
      communication: communication(since: call.costs, steps: steps))
  }

  /// Does one step; returns false if this or another process was asked to stop before it.
  private func step(
    _ stream: BatchStream, _ call: inout Call, observe: (TrainingEvent) -> Void
  ) throws -> Bool {
    let batch: BatchStream.Batch
    do { batch = try stream.next() } catch TrainError.interrupted {
      try network.abandonStep()
      return false
    }
    let value: LossValue
    do {
      guard let result = try network.step(batch, epochLosses: state.epochLosses) else {
        return false
      }
      value = result.value
      if case .genuine(let genuine) = batch.plan.labels {
        state.count(scores: result.scores, genuine: genuine)
      }
    } catch { throw diverged(error, step: state.step + 1) }
    let epoch = state.step / planner.stepsPerEpoch + 1
    state.count(value.data, stepsPerEpoch: planner.stepsPerEpoch)
    call.units += batch.plan.count
    let report = StepReport(step: state.step, epoch: epoch, value: value)
    pending += MetricsFile.line(report)
    call.reports.append(report)
    if state.step % planner.stepsPerEpoch == 0 {
      call.means.append(call.reports)
      call.reports = []
    }
    let rate = Double(call.units) / (call.seconds - call.evaluating)
    log?.add(report, rate: rate)
    observe(.step(report, rate: StepRate(perSecond: rate, unit: recipe.sampler.unit)))
    return true
  }

  /// What the exchanges with other processes have cost in some steps.
  private func communication(
    since earlier: RankGroup.Costs, steps: Int
  ) -> TrainingSummary.Communication? {
    guard let group = options.group, steps > 0 else { return nil }
    let costs = group.costs
    let floats = network.tower.trainedParameters.reduce(0) { $0 + ($1.isTrainable ? $1.count : 0) }
    return TrainingSummary.Communication(
      ranks: group.count, seconds: costs.busy - earlier.busy,
      waitedSeconds: costs.waited - earlier.waited,
      bytesPerStep: (costs.bytesSent - earlier.bytesSent) / steps,
      ringBytesPerStep: 8 * (group.count - 1) * floats / group.count)
  }

  /// Whether the recipe's patience has run out.
  var hasStoppedEarly: Bool {
    recipe.evaluation?.patience.map { state.evaluationsSinceBest >= $0 } ?? false
  }

  /// Steps between two evaluations.
  var evaluationInterval: Int { recipe.evaluation?.everySteps ?? planner.stepsPerEpoch }

  /// The same for a run and one that is extended later: the end of the run has no part in it.
  private func isEvaluated(after step: Int) -> Bool { step % evaluationInterval == 0 }

  /// Evaluates the network as it is, and keeps it if it is the best.
  private func evaluate(_ call: inout Call, observe: (TrainingEvent) -> Void) throws {
    let start = DispatchTime.now().uptimeNanoseconds
    try checkWeights()
    let trainingLoss =
      state.evaluatedLosses.reduce(0, +) / Float(max(1, state.evaluatedLosses.count))
    let figures: Validator.Figures?
    do { figures = try sharing { try validator?.evaluate() } } catch {
      throw diverged(error, step: state.step)
    }
    let pairs = Comparisons(
      scores: state.scores.map(Double.init), genuine: state.genuine.map { $0 > 0 })
    let value = figures.flatMap { (recipe.evaluation?.best ?? .eer).value(of: $0) }
    let isBest = figures.map { _ in state.best.map { value ?? -.infinity > $0 } ?? true }
    let report = ValidationReport(
      evaluatedStep: state.step, epoch: (state.step - 1) / planner.stepsPerEpoch + 1,
      trainingLoss: trainingLoss, trainingAccuracy: Evaluation(pairs)?.accuracy,
      validationLoss: figures?.loss, accuracy: figures?.accuracy, auc: figures?.auc,
      f1: figures?.f1, eer: figures?.eer, oneShot: figures?.oneShot, isBest: isBest)
    noteCollapse(trainingLoss, observe)
    state.beginInterval()
    if isBest == true { state.best = value }
    call.isBest = isBest ?? false
    state.evaluationsSinceBest = isBest ?? true ? 0 : state.evaluationsSinceBest + 1
    pending += MetricsFile.line(report)
    log?.add(report)
    try flush()
    if isBest == true, isWriter {
      try Checkpoint.write(
        state, network, normalization: inputs.statistics, to: folder.bestCheckpoint)
    }
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    call.evaluating += seconds
    if isWriter {
      try MetricsFile(path: folder.timing).append(
        MetricsFile.line(
          EvaluationTiming(
            firstStep: call.firstStep, evaluatedStep: state.step, seconds: rounded(seconds))))
    }
    observe(.evaluation(report))
  }

  /// Tells the user if all images get the same embedding.
  private func noteCollapse(_ loss: Float, _ observe: (TrainingEvent) -> Void) {
    guard let floor = recipe.loss.valueOfConstantEmbedding, abs(loss - floor) <= 0.005 * floor,
      network.relativeSpread() < 1e-3
    else { return }
    observe(
      .warning(
        "the embedding has collapsed: the loss \(loss) is that of equal embeddings for all images "
          + "(\(floor)). Lower the rate, or take an easier loss first (semi-hard or all triplets)"))
  }

  private struct EvaluationTiming: Encodable {
    /// The step at which the call began.
    let firstStep: Int
    let evaluatedStep: Int
    let seconds: Double
  }

  private struct StepTiming: Encodable {
    /// The step at which the call began, from which the seconds count.
    let firstStep: Int
    let step: Int
    let seconds: Double
    let unitsPerSecond: Double
    /// The seconds that the network waited for batches.
    let waitedSeconds: Double
    /// The seconds of exchanges with other processes, and how long the network waited for them.
    let communicationSeconds: Double?
    let communicationWaitedSeconds: Double?
  }

  private func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }

  private func saveIfDue(_ stream: BatchStream, _ call: inout Call, end: Int) throws {
    let plan = recipe.checkpoint ?? .default
    let isDue =
      state.step % planner.stepsPerEpoch == 0 || state.step == end || call.isStopped
      // The best weights are never of a step after the checkpoint, from which a training goes on.
      || call.isBest || plan.every.map { state.step % $0 == 0 } ?? false
      || call.secondsSinceSave >= 60 * (plan.minutes ?? CheckpointPlan.defaultMinutes)
    guard isDue || network.isStopRequested else { return }
    try save()
    guard isWriter else { return }
    call.lastSave = DispatchTime.now().uptimeNanoseconds
    let (seconds, costs) = (call.seconds, options.group?.costs)
    try MetricsFile(path: folder.timing).append(
      MetricsFile.line(
        StepTiming(
          firstStep: call.firstStep, step: state.step, seconds: rounded(seconds),
          unitsPerSecond: rounded(Double(call.units) / (seconds - call.evaluating)),
          waitedSeconds: rounded(stream.secondsWaited),
          communicationSeconds: costs.map { rounded($0.busy - call.costs.busy) },
          communicationWaitedSeconds: costs.map { rounded($0.waited - call.costs.waited) })))
  }
}

extension EvaluationPlan.Criterion {
  /// The figure as a number that is larger for a better network; `nil` if it is not known.
  func value(of figures: Validator.Figures) -> Double? {
    switch self {
    case .eer: -figures.eer
    case .accuracy: figures.accuracy
    case .auc: figures.auc
    case .oneShot: figures.oneShot
    case .loss: figures.loss.map { -Double($0) }
    }
  }
}

import Evaluate
import MessagePassing
import Neural

/// The network of a training with everything that its steps change: tower, head, loss and
/// optimiser.
///
/// A class because it owns their memory.
final class TrainedNetwork {
  let recipe: Recipe
  let tower: Tower
  let loss: any LossFunction
  let scorer: PairScorer
  /// All parameters: those of the tower, then those of the loss with its head.
  let parameters: [Parameter]
  /// The averages of the parameters; `nil` if the recipe asks for none.
  let averages: AveragedWeights?
  private let optimizer: Optimizer
  /// The parameters that training changes.
  private let trained: [Parameter]
  private let embeddingGradient: FloatBuffer
  private let group: RankGroup?
  private let synchronizesNormalization: Bool
  /// The exchanges with the other processes of the training; `nil` if it is alone.
  private let exchange: (embeddings: EmbeddingExchange, gradients: GradientExchange)?
  /// Values whose mean over the processes is taken in each step.
  private let averagedStatistics: [Parameter]
  private let seed: Int
  private let stepsPerEpoch: Int

  init(
    _ recipe: Recipe, classes: Int, stepsPerEpoch: Int, options: TrainingOptions
  ) throws {
    let seed = options.seed
    self.recipe = recipe
    self.seed = seed
    self.stepsPerEpoch = stepsPerEpoch
    let frozen = recipe.freeze ?? 0
    guard frozen <= recipe.tower.count else {
      throw NeuralError.badOption(
        what: "freeze", reason: "the tower has \(recipe.tower.count) layers, not \(frozen)")
    }
    let (group, share) = (options.group, options.share)
    self.group = group
    synchronizesNormalization = group != nil && options.synchronizesNormalization
    let rows = try recipe.rows(sharedBy: group?.count ?? 1)
    tower = try Tower(
      recipe.tower, input: recipe.inputShape, rows: rows, seed: seed,
      isTrainable: true, precision: options.precision, convolution: options.convolution,
      frozenLayers: frozen, share: share)
    let head = try recipe.makeHead(over: tower, seed: seed, isTrainable: true)
    loss = try recipe.loss.makeFunction(
      length: tower.embeddingLength, classes: classes, seed: seed, head: head)
    scorer = PairScorer(recipe, head: head, length: tower.embeddingLength)
    parameters = tower.parameters + loss.parameters
    trained = tower.trainedParameters + loss.parameters
    optimizer = try recipe.makeOptimizer()
    let weights = parameters
    averages = try recipe.weightAveraging.map { try AveragedWeights($0, of: weights) }
    let length = tower.embeddingLength
    embeddingGradient = FloatBuffer(count: rows * length)
    exchange = group.map {
      (
        EmbeddingExchange($0, slice: share.slice, rows: rows, length: length), GradientExchange($0)
      )
    }
    // Synchronised ones are the same in every process.
    averagedStatistics =
      group == nil || options.synchronizesNormalization
      ? [] : tower.trainedParameters.filter { !$0.isTrainable }
  }

  /// The memory of the optimiser by slot and parameter name.
  var optimizerMemory: [String: FloatBuffer] { optimizer.memory }

  /// Tensors by name, as a checkpoint has them.
  typealias Tensors = [String: (shape: [Int], values: [Float])]

  /// Loads the state after a step of the same run; everything is checked before anything is changed.
  func restore(
    weights: Tensors, averages saved: Tensors, optimizerMemory: Tensors, step: Int
  ) throws {
    guard averages != nil || saved.isEmpty else {
      throw NeuralError.foreignWeights(
        reason: "the checkpoint has averages of weights, which this recipe does not use")
    }
    try optimizer.restore(optimizerMemory, for: trained, step: step)
    try averages?.parameters.load(saved)
    try parameters.load(weights)
  }

  /// Runs `body` with the weights that an evaluation uses.
  func whileEvaluated<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard let averages else { return try body() }
    return try averages.whileUsed(body)
  }

  /// The embeddings of the last step, of all processes.
  private var stepEmbeddings: FloatBuffer { exchange?.embeddings.embeddings ?? tower.embeddings }

  /// Whether the user has asked to stop: with several processes one of them, before the last step.
  var isStopRequested: Bool { exchange?.embeddings.isStopRequested ?? Task.isCancelled }

  /// Performs one step: embeddings, loss, gradients and the update of the parameters.
  ///
  /// - Parameters:
  ///   - batch: the samples.
  ///   - epochLosses: the mean losses of the epochs before, for a schedule that depends on them.
  /// - Returns: the loss, and for pairs their scores before the update; `nil` if another process has
  ///   abandoned the step, which has then changed nothing.
  /// - Throws: ``TrainError``; nothing was updated if the loss is not finite.
  func step(
    _ batch: BatchStream.Batch, epochLosses: [Float]
  ) throws -> (value: LossValue, scores: [Float])? {
    let pass = Pass.training(seed: seed, step: batch.step)
    let statistics = averagedStatistics.map {
      Array(UnsafeBufferPointer(start: $0.values.start, count: $0.count))
    }
    try tower.forward(pass, input: batch.input)
    try exchange?.embeddings.gather(tower.embeddings, stops: Task.isCancelled)
    if exchange?.embeddings.isAbandoned == true {
      // The forward pass has moved the running statistics.
      for (parameter, values) in zip(averagedStatistics, statistics) {
        for place in values.indices { parameter.values.start[place] = values[place] }
        parameter.change()
      }
      return nil
    }
    var value = try loss.evaluate(
      stepEmbeddings, length: tower.embeddingLength, labels: batch.plan.labels,
      gradient: exchange?.embeddings.gradient ?? embeddingGradient)
    guard value.data.isFinite else {
      let fault = tower.firstFault()
      throw TrainError.notFinite(
        layer: try group?.firstText(fault) ?? fault ?? "the loss \(recipe.loss.name)")
    }
    exchange?.embeddings.lastLoss = value.data
    let scores = scores(batch.plan)
    exchange?.embeddings.copyGradient(to: embeddingGradient)
    try tower.backward(embeddingGradient: embeddingGradient, pass, input: batch.input) {
      exchange?.gradients.add($0)
    }
    try exchange?.gradients.finish(averaging: averagedStatistics)
    let factor = (recipe.schedule ?? .constant).factor(
      step: batch.step, stepsPerEpoch: stepsPerEpoch, epochs: recipe.epochs, losses: epochLosses)
    value.decay = optimizer.update(
      trained, step: batch.step, rate: recipe.optimizer.rate * factor,
      momentum: recipe.momentumRamp?.momentum(
        step: batch.step, stepsPerEpoch: stepsPerEpoch, optimizer: recipe.optimizer))
    averages?.update(step: batch.step + 1)
    return (value, scores)
  }

  /// Tells the other processes that this one was asked to stop and cannot do the next step.
  ///
  /// - Throws: ``TrainError/interrupted`` where the others first exchange the means of their
  ///   normalisation, and wait for this one there; `MessagePassingError`.
  func abandonStep() throws {
    guard !synchronizesNormalization else { throw TrainError.interrupted }
    try exchange?.embeddings.gather(nil, stops: true)
  }

  /// The scores of the pairs of the last forward pass; none for single samples.
  private func scores(_ plan: StepPlan) -> [Float] {
    guard case .genuine(let genuine) = plan.labels else { return [] }
    let (length, half) = (tower.embeddingLength, recipe.rows / 2)
    let start = UnsafePointer(stepEmbeddings.start)
    return genuine.indices.map {
      Float(scorer.score(start + $0 * length, start + (half + $0) * length))
    }
  }

  /// The name of the first parameter with a value that is NaN or infinite; `nil` if there is none.
  func faultyParameter() -> String? { parameters.first { ![$0].areFinite }?.name }

  /// The mean distance of the embeddings of the last forward pass from their mean, relative to their
  /// mean length: near 0 if all images get the same embedding.
  func relativeSpread() -> Double {
    let (rows, length) = (recipe.rows, tower.embeddingLength)
    let values = stepEmbeddings.start
    var mean = [Double](repeating: 0, count: length)
    for row in 0..<rows {
      for index in 0..<length { mean[index] += Double(values[row * length + index]) }
    }
    for index in 0..<length { mean[index] /= Double(rows) }
    var (spread, norm) = (0.0, 0.0)
    for row in 0..<rows {
      var (distance, square) = (0.0, 0.0)
      for index in 0..<length {
        let value = Double(values[row * length + index])
        distance += (value - mean[index]) * (value - mean[index])
        square += value * value
      }
      spread += distance.squareRoot()
      norm += square.squareRoot()
    }
    return norm > 0 ? spread / norm : 0
  }
}

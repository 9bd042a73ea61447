import Evaluate
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
    tower = try Tower(
      recipe.tower, input: recipe.inputShape, rows: recipe.rows, seed: seed,
      isTrainable: true, precision: options.precision, convolution: options.convolution,
      frozenLayers: frozen)
    let head = try recipe.makeHead(over: tower, seed: seed, isTrainable: true)
    loss = try recipe.loss.makeFunction(
      length: tower.embeddingLength, classes: classes, seed: seed, head: head)
    scorer = PairScorer(recipe, head: head, length: tower.embeddingLength)
    parameters = tower.parameters + loss.parameters
    trained = tower.trainedParameters + loss.parameters
    optimizer = try recipe.makeOptimizer()
    let weights = parameters
    averages = try recipe.weightAveraging.map { try AveragedWeights($0, of: weights) }
    embeddingGradient = FloatBuffer(count: recipe.rows * tower.embeddingLength)
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

  /// Performs one step: embeddings, loss, gradients and the update of the parameters.
  ///
  /// - Parameters:
  ///   - batch: the samples.
  ///   - epochLosses: the mean losses of the epochs before, for a schedule that depends on them.
  /// - Returns: the loss, and for pairs their scores before the update.
  /// - Throws: ``TrainError``; nothing was updated if the loss is not finite.
  func step(
    _ batch: BatchStream.Batch, epochLosses: [Float]
  ) throws -> (value: LossValue, scores: [Float]) {
    let pass = Pass.training(seed: seed, step: batch.step)
    try tower.forward(pass, input: batch.input)
    var value = try loss.evaluate(
      tower.embeddings, length: tower.embeddingLength, labels: batch.plan.labels,
      gradient: embeddingGradient)
    guard value.data.isFinite else {
      throw TrainError.notFinite(layer: tower.firstFault() ?? "the loss \(recipe.loss.name)")
    }
    let scores = scores(batch.plan)
    try tower.backward(embeddingGradient: embeddingGradient, pass, input: batch.input)
    let factor = (recipe.schedule ?? .constant).factor(
      step: batch.step, stepsPerEpoch: stepsPerEpoch, epochs: recipe.epochs, losses: epochLosses)
    value.decay = optimizer.update(
      trained, step: batch.step, rate: recipe.optimizer.rate * factor,
      momentum: recipe.momentumRamp?.momentum(
        step: batch.step, stepsPerEpoch: stepsPerEpoch, optimizer: recipe.optimizer))
    averages?.update(step: batch.step + 1)
    return (value, scores)
  }

  /// The scores of the pairs of the last forward pass; none for single samples.
  private func scores(_ plan: StepPlan) -> [Float] {
    guard case .genuine(let genuine) = plan.labels else { return [] }
    let (length, half) = (tower.embeddingLength, tower.rows / 2)
    let start = UnsafePointer(tower.embeddings.start)
    return genuine.indices.map {
      Float(scorer.score(start + $0 * length, start + (half + $0) * length))
    }
  }

  /// The name of the first parameter with a value that is NaN or infinite; `nil` if there is none.
  func faultyParameter() -> String? { parameters.first { ![$0].areFinite }?.name }

  /// The mean distance of the embeddings of the last forward pass from their mean, relative to their
  /// mean length: near 0 if all images get the same embedding.
  func relativeSpread() -> Double {
    let (rows, length) = (tower.rows, tower.embeddingLength)
    let values = tower.embeddings.start
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

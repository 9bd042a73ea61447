import Catalog
import Evaluate
import Neural
import Pairs
import Randomness

/// Evaluates a network during its training, on pairs and one-shot trials that are always the same.
///
/// It uses the tower of the training. A class because it owns memory
/// for the embeddings.
final class Validator {
  /// The pairs that are evaluated.
  let pairs: [Pair]
  private let trials: (pairs: [Pair], ways: Int)?
  private let ids: [Int]
  private let reader: BatchReader
  private let network: TrainedNetwork
  private let input: FloatBuffer
  private var embeddings: [Float]
  private let places: [Int: Int]

  /// The default of ``EvaluationPlan/pairs`` and of ``EvaluationPlan/trials``.
  private static let (defaultPairs, defaultTrials) = (1_000, 500)

  /// Draws the pairs and trials of the validation side; `nil` if there is no such side, or if its
  /// listed pairs are of one kind.
  ///
  /// - Parameters:
  ///   - plan: the plan of the recipe.
  ///   - data: the sides of the protocol.
  ///   - seed: the seed of the run.
  ///   - network: the network.
  ///   - reader: reads the samples; used by this object only.
  /// - Throws: ``TrainError`` if the validation side is too small for the plan.
  init?(
    _ plan: EvaluationPlan, data: TrainingData, seed: Int, network: TrainedNetwork,
    reader: () throws -> BatchReader
  ) throws {
    guard !data.validation.ids.isEmpty else { return nil }
    let count = plan.pairs ?? Self.defaultPairs
    do throws(PairError) {
      pairs = try Self.pairs(data, count: count, seed: seed)
      trials = try plan.ways.map { ways throws(PairError) in
        let trials = try OneShotTrials(
          data.validation, ways: ways, count: plan.trials ?? Self.defaultTrials, seed: seed)
        return (trials.comparisons, ways)
      }
    } catch {
      throw TrainError.smallValidationSide(
        protocol: data.protocolName, ways: plan.ways,
        identities: data.validation.identities.count)
    }
    guard !pairs.isEmpty else { return nil }
    self.reader = try reader()
    self.network = network
    ids = Set((pairs + (trials?.pairs ?? [])).flatMap { [$0.left, $0.right] }).sorted()
    places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
    input = FloatBuffer(count: network.tower.rows * network.tower.inputShape.count)
    embeddings = [Float](repeating: 0, count: ids.count * network.tower.embeddingLength)
  }

  /// Up to `count` pairs, as many genuine as impostor: of those that the protocol lists, or drawn.
  private static func pairs(
    _ data: TrainingData, count: Int, seed: Int
  ) throws(PairError) -> [Pair] {
    guard !data.validationPairs.isEmpty else {
      return try BalancedPairSampler(data.validation, seed: seed).batch(
        epoch: 0, step: 0, count: count)
    }
    var random = RandomStream(seed: seed, "validation pairs")
    let shuffled = data.validationPairs.shuffled(using: &random)
    let (genuine, impostor) = (shuffled.filter(\.genuine), shuffled.filter { !$0.genuine })
    let half = min((count + 1) / 2, genuine.count, impostor.count)
    return Array(genuine.prefix(half) + impostor.prefix(half))
  }

  /// Uses the statistics of the training images.
  func use(_ statistics: InputStatistics) throws { try reader.use(statistics) }

  /// The figures of one evaluation.
  struct Figures: Codable {
    let loss: Float?
    let accuracy: Double
    let auc: Double
    let f1: Double?
    let eer: Double
    let oneShot: Double?
  }

  /// Computes the figures of the network with the weights that an evaluation uses.
  func evaluate() throws -> Figures? { try network.whileEvaluated { try figures() } }

  private func figures() throws -> Figures? {
    try embed()
    let comparisons = try scores(of: pairs)
    guard let evaluation = Evaluation(comparisons) else { return nil }
    return Figures(
      loss: try loss(), accuracy: evaluation.accuracy, auc: evaluation.roc.auc,
      f1: evaluation.decisions.f1,
      eer: evaluation.roc.equalError.rate,
      oneShot: try trials.flatMap { trials in
        OneShotEvaluation(try scores(of: trials.pairs), ways: trials.ways)?.accuracy
      })
  }

  private func embed() throws {
    let (tower, length) = (network.tower, network.tower.embeddingLength)
    for start in stride(from: 0, to: ids.count, by: tower.rows) {
      let slice = ids[start..<min(start + tower.rows, ids.count)]
      let items = slice.enumerated().map { (id: $0.element, row: $0.offset) }
      let values = try tower.embeddings(
        rows: slice.count, averagesFlips: network.recipe.flipAveraging ?? false, input: input
      ) { try reader.read(items, to: input, augmentedAt: nil, isMirrored: $0) }
      embeddings.replaceSubrange(
        start * length..<(start + slice.count) * length, with: values)
    }
  }

  private func scores(of pairs: [Pair]) throws -> Comparisons {
    let length = network.tower.embeddingLength
    return try embeddings.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return Comparisons() }
      return try Comparisons(
        pairs.map { pair in
          let score = network.scorer.score(
            start + (places[pair.left] ?? 0) * length, start + (places[pair.right] ?? 0) * length)
          guard score.isFinite else { throw TrainError.notFinite(layer: "the embeddings") }
          return Comparison(score: score, isGenuine: pair.genuine)
        })
    }
  }

  /// The mean loss of the pairs; `nil` for a loss without pairs.
  private func loss() throws -> Float? {
    guard network.recipe.loss.targets == .pairs else { return nil }
    let (rows, length) = (pairs.count, network.tower.embeddingLength)
    let both = FloatBuffer(count: 2 * rows * length)
    for (row, pair) in pairs.enumerated() {
      for (id, place) in [(pair.left, row), (pair.right, rows + row)] {
        embeddings.withUnsafeBufferPointer { values in
          guard let start = values.baseAddress else { return }
          (both.start + place * length).update(
            from: start + (places[id] ?? 0) * length, count: length)
        }
      }
    }
    return try network.loss.evaluate(
      both, length: length, labels: .genuine(pairs.map(\.genuine)),
      gradient: FloatBuffer(count: both.count)
    ).data
  }
}

import Catalog
import Foundation
import Neural
import Shards

/// The network of a run for inference: its tower, the statistics of its inputs and its score.
///
/// A class because it owns the tower's memory.
public final class InferenceNetwork {
  /// The tower with the weights of the run.
  public let tower: Tower
  /// The statistics that the inputs are normalised with.
  public let statistics: InputStatistics
  /// The score of two embeddings, after ``project(_:)``.
  public let rule: ScoreRule
  /// The learned score; `nil` if the recipe asks for none, or before the training has ended.
  public let learned: JointBayesian?
  /// ``RunFolder/scorerDigest`` of the files that were read.
  public let scorerDigest: String
  /// Whether an embedding is the mean of those of the image and of the mirrored image.
  public var averagesFlips: Bool { recipe.flipAveraging ?? false }
  private let head: (any PairHead)?
  let recipe: Recipe

  /// The weights of each parameter of the tower by name.
  public var weights: [String: [Float]] {
    Dictionary(
      uniqueKeysWithValues: tower.parameters.map { parameter in
        (
          parameter.name,
          Array(UnsafeBufferPointer(start: parameter.values.start, count: parameter.count))
        )
      })
  }

  /// Loads the best or, without one, the newest checkpoint of a run.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - recipe: the run's recipe.
  ///   - rows: the number of images computed at once.
  ///   - isObserved: whether the output of every layer and the gradient of the input can be seen.
  ///   - isScored: whether the learned score of the run is used.
  /// - Throws: ``TrainError``; also if a training replaced the weights or the score meanwhile.
  public init(
    run folder: RunFolder, recipe: Recipe, rows: Int, isObserved: Bool = false,
    isScored: Bool = true
  ) throws {
    scorerDigest = folder.scorerDigest
    // The methods of the record, so that every evaluation computes the same.
    let choices = try RunRecord.read(folder).inferenceChoices(of: folder)
    tower = try Tower(
      recipe.tower, input: recipe.inputShape, rows: rows, seed: 0, isTrainable: isObserved,
      keepsLayersApart: isObserved,
      convolution: isObserved ? .direct : .recorded(choices))
    self.recipe = recipe
    head = try recipe.makeHead(over: tower, seed: 0, isTrainable: true)
    let checkpoint = try Checkpoint(folder, path: folder.weights, readsOptimizer: false)
    statistics = checkpoint.normalization
    let parameters = tower.parameters + (head?.parameters ?? [])
    try parameters.load(
      checkpoint.evaluatedWeights, ignoring: recipe.sampler.unit == .samples ? "classes." : nil)
    learned = isScored ? try recipe.score.flatMap { try LearnedScoreFile.read(folder, $0) } : nil
    guard learned?.mean.count ?? tower.embeddingLength == tower.embeddingLength else {
      throw TrainError.badRun(
        folder: folder.path, reason: "its score.safetensors is of another network")
    }
    guard folder.scorerDigest == scorerDigest else {
      throw TrainError.badRun(
        folder: folder.path,
        reason: "its training replaced the weights while they were read; give the command again")
    }
    rule = learned?.rule ?? head?.rule ?? .distance(recipe.loss.distance ?? .euclidean)
  }

  /// The embeddings that the score compares, of those that the tower computed.
  func project(_ rows: EmbeddingRows) -> EmbeddingRows { learned?.project(rows) ?? rows }

  /// Number of pairs whose loss is computed at once: a few MB.
  private static let pairsAtOnce = 256

  /// The mean loss of pairs, without weight decay.
  ///
  /// - Parameters:
  ///   - pairs: the pairs.
  ///   - embeddings: the embeddings of their samples.
  /// - Returns: the loss; `nil` for a loss without pairs, or if the embeddings are projected.
  /// - Throws: ``NeuralError``.
  func loss(of pairs: [Pair], _ embeddings: EmbeddingSet) throws -> Float? {
    guard recipe.loss.targets == .pairs, learned == nil else { return nil }
    let length = tower.embeddingLength
    let function = try recipe.loss.makeFunction(
      length: length, classes: 0, seed: 0, head: head)
    var sum = 0.0
    for start in stride(from: 0, to: pairs.count, by: Self.pairsAtOnce) {
      let part = pairs[start..<min(start + Self.pairsAtOnce, pairs.count)]
      let both = FloatBuffer(
        embeddings.rows(of: part.map(\.left) + part.map(\.right)).values)
      let value = try function.evaluate(
        both, length: length, labels: .genuine(part.map(\.genuine)),
        gradient: FloatBuffer(count: both.count))
      sum += Double(value.data) * Double(part.count)
    }
    return pairs.isEmpty ? nil : Float(sum / Double(pairs.count))
  }
}

extension Recipe {
  /// Reads the recipe of a run, which must be the one that the run was made with.
  ///
  /// - Throws: ``TrainError/badRun(folder:reason:)``.
  public static func read(run folder: RunFolder, _ record: RunRecord) throws -> Recipe {
    let text = (try? String(contentsOfFile: folder.recipe, encoding: .utf8)) ?? ""
    guard Digest.sha256(text.utf8) == record.recipeDigest else {
      throw TrainError.badRun(
        folder: folder.path, reason: "its recipe.yaml is not the one it was made with")
    }
    return try Recipe.read(folder.recipe)
  }
}

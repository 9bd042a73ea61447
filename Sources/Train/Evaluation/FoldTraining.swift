import Catalog
import Evaluate
import Foundation
import Neural
import Shards

/// One training of a cross-validation and its test on the fold that it did not see.
public struct FoldTraining: Sendable {
  /// The recipe.
  public let recipe: Recipe
  /// The store.
  public let catalog: Catalog
  /// The protocol with folds.
  public let protocolName: String
  /// What may be used of the folds that are not tested.
  public let mode: TrainingData.Fold.Mode
  /// Whether one fold validates instead of training, and the threshold is chosen on it.
  public let holdsOut: Bool
  /// The folder with a run for each fold.
  public let folder: String

  /// Creates the trainings of a cross-validation.
  public init(
    recipe: Recipe, catalog: Catalog, protocolName: String, mode: TrainingData.Fold.Mode,
    holdsOut: Bool, folder: String
  ) {
    self.recipe = recipe
    self.catalog = catalog
    self.protocolName = protocolName
    self.mode = mode
    self.holdsOut = holdsOut
    self.folder = folder
  }

  /// The folds of the protocol, in order.
  ///
  /// - Throws: ``TrainError/noFolds(protocol:)`` if there are fewer than two, or three with a held-out
  ///   fold.
  public func folds() throws -> [Int] {
    let parts = try catalog.protocolSummary(protocolName).pairs.keys
    let folds = Set(parts.filter { $0.role == .test && $0.fold > 0 }.map(\.fold)).sorted()
    guard folds.count >= (holdsOut ? 3 : 2) else {
      throw TrainError.noFolds(protocol: protocolName)
    }
    return folds
  }

  /// The folder of the run that does not see `fold`.
  public func run(of fold: Int) -> RunFolder { RunFolder(path: "\(folder)/fold-\(fold)") }

  /// Trains on the other folds, or continues such a training.
  ///
  /// - Parameters:
  ///   - fold: the fold that is tested.
  ///   - options: how the training runs; it is always resumed.
  ///   - machine: the configuration of the libraries.
  ///   - observe: called for what happens, with the number of steps of the training.
  /// - Throws: ``TrainError``.
  public func train(
    _ fold: Int, options: TrainingOptions, machine: Machine,
    observe: (TrainingEvent, _ steps: Int) -> Void
  ) throws {
    var options = options
    options.isResumed = true
    let run = try TrainingRun(
      recipe: recipe, data: data(fold), options: options, machine: machine, folder: run(of: fold))
    let steps = run.steps
    _ = try run.train { observe($0, steps) }
  }

  private func data(_ fold: Int) throws -> TrainingData {
    let folds = try folds()
    let place = folds.firstIndex(of: fold) ?? 0
    return try TrainingData(
      StoreSet([catalog]), protocolName: protocolName,
      fold: TrainingData.Fold(
        tested: fold, validation: holdsOut ? folds[(place + 1) % folds.count] : nil, mode: mode))
  }

  /// A result with the weights that it was computed with.
  private struct Kept: Codable {
    let weights: String
    let figures: CrossValidation.Fold
  }

  /// Tests the run of a fold, or returns the result of an earlier test of the same weights.
  ///
  /// The threshold is chosen on the held-out fold or, without one, on the training folds.
  ///
  /// - Throws: ``TrainError``; also if the run was trained on people of the fold.
  public func test(_ fold: Int) throws -> CrossValidation.Fold {
    let run = run(of: fold)
    let path = "\(run.path)/fold.json"
    let weights = run.scorerDigest
    if let data = FileManager.default.contents(atPath: path),
      let kept = try? JSONDecoder().decode(Kept.self, from: data), kept.weights == weights
    {
      return kept.figures
    }
    let part = Part(fold: fold, role: .test)
    let pairs = try catalog.pairs(of: protocolName, part)
    let tested = Set(try catalog.members(of: protocolName, part))
      .union(pairs.flatMap { [$0.left, $0.right] })
    let seen = try TrainedOn(run).contamination(of: tested, in: catalog)
    guard seen.identities == 0 else {
      throw TrainError.trainedOnTest(folder: run.path, identities: seen.identities)
    }
    let data = try data(fold)
    let tuning = data.validationPairs.isEmpty ? data.listed : data.validationPairs
    let embeddings = try Embedder(run: run, recipe: recipe, catalog: catalog).embeddings(
      of: (pairs + tuning).flatMap { [$0.left, $0.right] })
    guard
      let figures = CrossValidation.Fold(
        fold: fold, try embeddings.comparisons(of: pairs, fold: fold),
        tuning: try embeddings.comparisons(of: tuning, fold: fold),
        sharedImages: seen.images)
    else { throw TrainError.nothingToTest(protocol: protocolName) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = (try? encoder.encode(Kept(weights: weights, figures: figures)))
      .map { String(decoding: $0, as: UTF8.self) }
    try DurableFile.write(text ?? "", to: path)
    return figures
  }
}

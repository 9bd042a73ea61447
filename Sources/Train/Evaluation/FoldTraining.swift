import Catalog
import Evaluate
import Foundation
import Neural
import Pairs
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
    let folds = try folds(of: protocolName)
    guard folds.count >= (holdsOut ? 3 : 2) else {
      throw TrainError.noFolds(protocol: protocolName)
    }
    return folds
  }

  private func folds(of name: String) throws -> [Int] {
    let parts = try catalog.protocolSummary(name).pairs.keys
    return Set(parts.filter { $0.role == .test && $0.fold > 0 }.map(\.fold)).sorted()
  }

  /// Checks all folds, before the first training spends its time.
  ///
  /// - Throws: ``TrainError/oneSidedFold(protocol:fold:)`` if a fold has pairs of one kind only, or
  ///   ``TrainError/sharedFolds(protocol:identities:)`` if people are in two folds.
  public func checkFolds() throws {
    try checkKinds(of: protocolName)
    var (own, shared): (Set<DatasetPerson>, Set<DatasetPerson>) = ([], [])
    for fold in try folds() {
      let (pairs, samples) = try tested(fold, of: protocolName)
      let people = try people(
        mode == .restricted ? Set(pairs.flatMap { [$0.left, $0.right] }) : samples)
      shared.formUnion(own.intersection(people))
      own.formUnion(people)
    }
    guard shared.isEmpty else {
      throw TrainError.sharedFolds(protocol: protocolName, identities: shared.count)
    }
  }

  /// Checks that the networks can be tested on the same folds of another protocol.
  ///
  /// - Throws: ``TrainError/otherFolds(protocol:trained:)`` if its folds have other numbers, or people
  ///   who are in another fold of the protocol of the training;
  ///   ``TrainError/oneSidedFold(protocol:fold:)``.
  public func checkFolds(of other: String) throws {
    let folds = try folds()
    var own: [DatasetPerson: Int] = [:]
    for fold in folds {
      for person in try people(tested(fold, of: protocolName).samples) { own[person] = fold }
    }
    let isAlike = try folds.allSatisfy { fold in
      try people(tested(fold, of: other).samples).allSatisfy { own[$0] ?? fold == fold }
    }
    guard isAlike, try self.folds(of: other) == folds else {
      throw TrainError.otherFolds(protocol: other, trained: protocolName)
    }
    try checkKinds(of: other)
  }

  /// Throws if a fold has pairs of one kind only: no threshold can be tested or chosen on it.
  private func checkKinds(of name: String) throws {
    for fold in try folds(of: name) {
      let pairs = try catalog.pairs(of: name, Part(fold: fold, role: .test))
      let genuine = pairs.count { $0.genuine }
      guard genuine > 0, genuine < pairs.count else {
        throw TrainError.oneSidedFold(
          protocol: name,
          fold: Evaluation.OneSidedFold(
            fold: fold, genuine: genuine, impostor: pairs.count - genuine))
      }
    }
  }

  /// The people of samples, also of those that were dropped or replaced since.
  private func people(_ samples: Set<Int>) throws -> Set<DatasetPerson> {
    var people: Set<DatasetPerson> = []
    try catalog.forEachPicture(samples.sorted()) { dataset, identity, _ in
      people.insert(
        DatasetPerson(dataset: UTF8Key(dataset), identity: UTF8Key(identity)))
    }
    return people
  }

  /// The pairs of a fold, and all samples that it tests.
  private func tested(
    _ fold: Int, of name: String
  ) throws -> (pairs: [Pair], samples: Set<Int>) {
    let part = Part(fold: fold, role: .test)
    let pairs = try catalog.pairs(of: name, part)
    let members = try catalog.members(of: name, part)
    return (pairs, Set(members).union(pairs.flatMap { [$0.left, $0.right] }))
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
      recipe: recipe, data: data(fold, of: protocolName), options: options, machine: machine,
      folder: run(of: fold))
    let steps = run.steps
    _ = try run.train { observe($0, steps) }
  }

  private func data(_ fold: Int, of name: String) throws -> TrainingData {
    let folds = try folds()
    let place = folds.firstIndex(of: fold) ?? 0
    return try TrainingData(
      StoreSet([catalog]), protocolName: name,
      fold: TrainingData.Fold(
        tested: fold, validation: holdsOut ? folds[(place + 1) % folds.count] : nil, mode: mode))
  }

  /// A result with what it was computed with.
  private struct Kept: Codable {
    let weights: String
    let protocolDigest: String
    let figures: CrossValidation.Fold
  }

  /// Tests the run of a fold, or returns the result of an earlier test of the same weights on the
  /// same pairs.
  ///
  /// The threshold is chosen on the held-out fold or, without one, on the training folds.
  ///
  /// - Parameters:
  ///   - fold: the fold that is tested.
  ///   - other: another protocol with the same folds of people, such as frontal with profile images
  ///     beside frontal images alone; by default the protocol of the training.
  /// - Returns: the figures of the fold.
  /// - Throws: ``TrainError``; also if the run was trained on people of the fold, or of the held-out
  ///   one.
  public func test(_ fold: Int, on other: String? = nil) throws -> CrossValidation.Fold {
    let run = run(of: fold)
    let path = "\(run.path)/\(other.map { "fold-\($0)" } ?? "fold").json"
    let name = other ?? protocolName
    let (weights, digest) = (run.scorerDigest, try catalog.digest(ofProtocol: name))
    if let data = FileManager.default.contents(atPath: path),
      let kept = try? JSONDecoder().decode(Kept.self, from: data), kept.weights == weights,
      kept.protocolDigest == digest
    {
      return kept.figures
    }
    let figures = try figures(fold, on: name)
    let kept = Kept(weights: weights, protocolDigest: digest, figures: figures)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = (try? encoder.encode(kept)).map { String(decoding: $0, as: UTF8.self) }
    try DurableFile.write(text ?? "", to: path)
    return figures
  }

  private func figures(_ fold: Int, on name: String) throws -> CrossValidation.Fold {
    let run = run(of: fold)
    let (pairs, samples) = try tested(fold, of: name)
    let data = try data(fold, of: name)
    let tuning = data.validationPairs.isEmpty ? data.listed : data.validationPairs
    let record = try TrainedOn(run)
    let seen = try record.contamination(of: samples, in: catalog)
    // The people of a held-out fold of another protocol could have trained.
    let held = Set(data.validationPairs.flatMap { [$0.left, $0.right] })
    let known = try record.contamination(of: held, in: catalog)
    guard seen.identities == 0, known.identities == 0 else {
      throw TrainError.trainedOnTest(
        folder: run.path, identities: max(seen.identities, known.identities))
    }
    let embeddings = try Embedder(run: run, recipe: recipe, catalog: catalog).embeddings(
      of: (pairs + tuning).flatMap { [$0.left, $0.right] })
    guard
      let figures = CrossValidation.Fold(
        fold: fold, try embeddings.comparisons(of: pairs, fold: fold),
        tuning: try embeddings.comparisons(of: tuning, fold: fold),
        sharedImages: seen.images)
    else { throw TrainError.nothingToTest(protocol: name) }
    return figures
  }
}

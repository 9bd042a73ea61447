import Catalog
import Evaluate
import Foundation
import Shards

/// The test pairs of a protocol scored by a run, and the pairs used to choose the threshold.
public struct EvaluationRun: Sendable {
  /// The test pairs with their scores, in the protocol's order.
  public let comparisons: [Comparison]
  /// The test pairs themselves, in the same order.
  public let pairs: [Pair]
  /// Validation pairs, or training pairs if there are none; `nil` if there are neither.
  public let tuning: (comparisons: [Comparison], name: String)?
  /// Whether the store is the one that the run was trained on; in another store people are
  /// identified by name.
  public let isSameStore: Bool
  /// The tested people and images that the run was trained on.
  public let contamination: Contamination
  /// Whether the same people train and test by design.
  public let isClosedSet: Bool

  /// Scores the pairs of a protocol.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - record: the record of the run.
  ///   - recipe: the recipe of the run.
  ///   - catalog: the store.
  ///   - protocolName: the protocol.
  ///   - allowsContaminated: whether to allow tests on people and images that were trained on.
  /// - Throws: ``TrainError``; also if the run was trained on people whom the protocol tests in any
  ///   of its folds or, in a closed set, on images that it tests.
  public init(
    run folder: RunFolder, record: RunRecord, recipe: Recipe, catalog: Catalog,
    protocolName: String, allowsContaminated: Bool = false
  ) throws {
    let text = (try? String(contentsOfFile: folder.recipe, encoding: .utf8)) ?? ""
    guard Digest.sha256(text.utf8) == record.recipeDigest else {
      throw TrainError.badRun(
        folder: folder.path, reason: "its recipe.yaml is not the one it was made with")
    }
    let embedder = try Embedder(run: folder, recipe: recipe, catalog: catalog)
    isSameStore = record.storeDigest.split(separator: "+").map(String.init)
      .contains(try catalog.digest())
    let summary = try catalog.protocolSummary(protocolName)
    isClosedSet = try ClosedSet.contains(summary, catalog)
    let tested = try Self.testedSamples(of: summary, catalog)
    contamination = try TrainedOn(folder).contamination(of: tested, in: catalog)
    if !allowsContaminated { try contamination.refuse(isClosedSet: isClosedSet, run: folder) }
    func scored(_ role: Role) throws -> (pairs: [Pair], comparisons: [Comparison]) {
      try Self.score(role, of: summary, catalog, embedder)
    }
    (pairs, comparisons) = try scored(.test)
    guard !pairs.isEmpty else { throw TrainError.nothingToTest(protocol: protocolName) }
    if let fold = Evaluation.oneSidedFold(in: comparisons) {
      throw TrainError.oneSidedFold(protocol: protocolName, fold: fold)
    }
    let validation = try scored(.validation).comparisons
    if !validation.isEmpty {
      tuning = (validation, "the validation pairs")
      return
    }
    let training = try scored(.train).comparisons
    tuning = training.isEmpty ? nil : (training, "the training pairs")
  }

  /// The pairs of a role in all folds, with their scores.
  private static func score(
    _ role: Role, of summary: ProtocolSummary, _ catalog: Catalog, _ embedder: Embedder
  ) throws -> (pairs: [Pair], comparisons: [Comparison]) {
    var all: (pairs: [Pair], comparisons: [Comparison]) = ([], [])
    for part in summary.pairs.keys.sorted() where part.role == role {
      let pairs = try catalog.pairs(of: summary.name, part)
      all.pairs += pairs
      all.comparisons += zip(pairs, try embedder.scores(of: pairs)).map {
        Comparison(score: $1, isGenuine: $0.genuine, fold: part.fold)
      }
    }
    return all
  }

  /// The samples compared in the test parts of all folds of the protocol.
  private static func testedSamples(
    of summary: ProtocolSummary, _ catalog: Catalog
  ) throws -> Set<Int> {
    var samples: Set<Int> = []
    for part in summary.pairs.keys where part.role == .test {
      for pair in try catalog.pairs(of: summary.name, part) {
        samples.insert(pair.left)
        samples.insert(pair.right)
      }
    }
    return samples
  }
}

import Catalog
import Evaluate
import Foundation
import Shards

/// The comparisons of a protocol's test pairs, scored by a run, and those the threshold is chosen
/// on.
public struct EvaluationRun: Sendable {
  /// The test pairs with their scores, in the protocol's order.
  public let comparisons: [Comparison]
  /// The test pairs themselves, in the same order.
  public let pairs: [Pair]
  /// Validation pairs, or training pairs where there are none; `nil` when there is neither.
  public let tuning: (comparisons: [Comparison], name: String)?
  /// Whether the run was trained on this very store; in another one people are told by their names.
  public let isSameStore: Bool
  /// What of the tested images the run was trained on.
  public let contamination: Contamination
  /// Whether the same people train and test by design.
  public let isClosedSet: Bool

  /// Scores the pairs of a protocol.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - record: what it was made of.
  ///   - recipe: its recipe.
  ///   - catalog: the store.
  ///   - protocolName: the protocol.
  ///   - allowsContaminated: whether people and images that were trained on may be tested.
  /// - Throws: ``TrainError``; also when the run was trained on people whom the protocol tests in any
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
    isSameStore = try catalog.digest() == record.storeDigest
    let summary = try catalog.protocolSummary(protocolName)
    isClosedSet = summary.kind == "closed-set-split"
    let tested = try Self.testedSamples(of: summary, catalog)
    contamination = try TrainedOn(folder).contamination(of: tested, in: catalog)
    if !allowsContaminated { try Self.refuse(contamination, isClosedSet: isClosedSet, folder) }
    func scored(_ role: Role) throws -> (pairs: [Pair], comparisons: [Comparison]) {
      var all: (pairs: [Pair], comparisons: [Comparison]) = ([], [])
      for part in summary.pairs.keys.sorted() where part.role == role {
        let pairs = try catalog.pairs(of: protocolName, part)
        let scores = try embedder.scores(of: pairs)
        all.pairs += pairs
        all.comparisons += zip(pairs, scores).map {
          Comparison(score: $1, isGenuine: $0.genuine, fold: part.fold)
        }
      }
      return all
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

  /// The samples that the protocol compares in the test parts of all its folds.
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

  /// A figure over people, or in a closed set images, that the network was trained on says nothing of
  /// others.
  private static func refuse(
    _ contamination: Contamination, isClosedSet: Bool, _ folder: RunFolder
  ) throws {
    guard isClosedSet || contamination.identities == 0 else {
      throw TrainError.trainedOnTest(folder: folder.path, identities: contamination.identities)
    }
    guard contamination.pictures == 0 else {
      throw TrainError.trainedOnTestPictures(folder: folder.path, pictures: contamination.pictures)
    }
  }
}

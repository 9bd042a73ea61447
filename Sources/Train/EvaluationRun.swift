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
  /// Whether the run was trained on this very store; of another store it cannot be told whether the
  /// same people are in it.
  public let isSameStore: Bool

  /// Scores the pairs of a protocol.
  ///
  /// - Throws: ``TrainError``; also when the run trained on the protocol's test identities.
  public init(
    run folder: RunFolder, record: RunRecord, recipe: Recipe, catalog: Catalog,
    protocolName: String
  ) throws(TrainError) {
    let text = (try? String(contentsOfFile: folder.recipe, encoding: .utf8)) ?? ""
    guard Digest.sha256(text.utf8) == record.recipeDigest else {
      throw .badRun(
        folder: folder.path, reason: "its recipe.yaml is not the one it was made with")
    }
    let embedder = try Embedder(run: folder, recipe: recipe, catalog: catalog)
    isSameStore = try onCatalog { () throws(CatalogError) in
      try catalog.digest() == record.storeDigest
    }
    if isSameStore {
      try Self.refuseTrainedIdentities(
        record, catalog: catalog, protocolName: protocolName, folder)
    }
    let summary = try onCatalog { () throws(CatalogError) in
      try catalog.protocolSummary(protocolName)
    }
    func scored(_ role: Role) throws(TrainError) -> (pairs: [Pair], comparisons: [Comparison]) {
      var all: (pairs: [Pair], comparisons: [Comparison]) = ([], [])
      for part in summary.pairs.keys.sorted() where part.role == role {
        let pairs = try onCatalog { () throws(CatalogError) in
          try catalog.pairs(of: protocolName, part)
        }
        let scores = try embedder.scores(of: pairs)
        all.pairs += pairs
        all.comparisons += zip(pairs, scores).map {
          Comparison(score: $1, isGenuine: $0.genuine, fold: part.fold)
        }
      }
      return all
    }
    (pairs, comparisons) = try scored(.test)
    guard !pairs.isEmpty else { throw .nothingToTest(protocol: protocolName) }
    let validation = try scored(.validation).comparisons
    if !validation.isEmpty {
      tuning = (validation, "the validation pairs")
      return
    }
    let training = try scored(.train).comparisons
    tuning = training.isEmpty ? nil : (training, "the training pairs")
  }

  /// A figure over people the network was trained on says nothing of others.
  private static func refuseTrainedIdentities(
    _ record: RunRecord, catalog: Catalog, protocolName: String, _ folder: RunFolder
  ) throws(TrainError) {
    let trainedOn = try onCatalog { () throws(CatalogError) in
      try catalog.protocols().contains { $0.name == record.protocol }
        ? catalog.digest(ofProtocol: record.protocol) : nil
    }
    guard trainedOn == record.protocolDigest else {
      throw .badRun(folder: folder.path, reason: "the store's \(record.protocol) is another one")
    }
    let shared = try onCatalog { () throws(CatalogError) in
      let trained = Set(try catalog.members(of: record.protocol, Part(role: .train)))
      let tested = Set(try catalog.members(of: protocolName, Part(role: .test)))
      var people: (trained: Set<String>, tested: Set<String>) = ([], [])
      try catalog.forEachSample { sample in
        let name = "\(sample.dataset)/\(sample.identity)"
        if trained.contains(sample.id) { people.trained.insert(name) }
        if tested.contains(sample.id) { people.tested.insert(name) }
      }
      return people.trained.intersection(people.tested).count
    }
    guard shared == 0 else { throw .trainedOnTest(folder: folder.path, identities: shared) }
  }
}

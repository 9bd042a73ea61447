import Catalog
import Evaluate

/// The test pairs of a protocol with their scores, the pairs used to choose the threshold, and what is
/// known about the protocol.
public struct ProtocolTest: Sendable {
  /// The protocol.
  public let summary: ProtocolSummary
  /// The test pairs, in the protocol's order.
  public let pairs: [Pair]
  /// The test pairs with their scores, in the same order.
  public let comparisons: Comparisons
  /// Validation pairs, or training pairs if there are none; `nil` if there are neither, or if
  /// ``tuningFault`` says why not.
  public let tuning: (comparisons: Comparisons, name: String)?
  /// Why ``tuning`` is `nil` although the protocol has such pairs.
  public let tuningFault: TuningFault?
  /// The people and images of the validation pairs that the network was trained on; `nil` if the
  /// threshold is not chosen on validation pairs, or if that is not known.
  public private(set) var tuningContamination: Contamination?
  /// The tested people and images that the network was trained on; `nil` if that is not known.
  public let contamination: Contamination?
  /// Whether the same people train and test by design; for a run only if it was trained on some.
  public let isClosedSet: Bool
  /// The tested samples by id.
  public let images: [Int: ImageKey]
  /// The findings of the protocol's audit.
  public let findings: [Finding]
  /// The embeddings of all compared samples.
  public let embeddings: EmbeddingSet
  /// The mean loss of the test pairs; `nil` for embeddings, for losses without pairs,
  /// and with a learned score.
  public private(set) var loss: Float?
  /// A reason why pairs that are not tested cannot choose the threshold.
  public enum TuningFault: Sendable, Equatable {
    /// Some of their samples have no embedding.
    case missingEmbeddings
    /// All of them are genuine, or all are impostor pairs.
    case oneKind(name: String)
  }

  /// Tests a run.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - recipe: the recipe of the run.
  ///   - catalog: the store.
  ///   - protocolName: the protocol.
  ///   - allowsContaminated: whether to allow tests on people and images that were trained on.
  /// - Throws: ``TrainError``; also if the run was trained on people whom the protocol tests in any
  ///   of its folds or, in a closed set, on images that it tests.
  public init(
    run folder: RunFolder, recipe: Recipe, catalog: Catalog, protocolName: String,
    allowsContaminated: Bool = false
  ) throws {
    var lists = try PairLists(protocolName, catalog)
    let isClosedSet = try ClosedSet.contains(lists.summary, catalog)
    let record = try TrainedOn(folder)
    let contamination = try record.contamination(of: lists.tested, in: catalog)
    if !allowsContaminated { try contamination.refuse(isClosedSet: isClosedSet, run: folder) }
    let isKnownSet = isClosedSet && contamination.identities > 0
    let validation = try lists.validates ? record.contamination(of: lists.tuned, in: catalog) : nil
    if validation?.isContaminated(isClosedSet: isKnownSet) == true {
      lists.tuningSource += ", some of people or images that were trained on"
    }
    let embedder = try Embedder(run: folder, recipe: recipe, catalog: catalog)
    try self.init(
      lists, catalog, embedder.embeddings(of: lists.compared), contamination: contamination,
      isClosedSet: isKnownSet)
    tuningContamination = validation
    if summary.kind != "one-shot" { loss = try embedder.loss(of: pairs, embeddings) }
  }

  /// Tests embeddings; it is not known whom their network was trained on.
  ///
  /// - Parameters:
  ///   - embeddings: the embeddings.
  ///   - file: the name of their file in errors.
  ///   - catalog: the store.
  ///   - protocolName: the protocol.
  /// - Throws: ``TrainError``; also if a tested sample has no embedding. Without the embeddings of
  ///   all tuning pairs there is no tuning.
  public init(
    _ embeddings: EmbeddingSet, file: String, catalog: Catalog, protocolName: String
  ) throws {
    let lists = try PairLists(protocolName, catalog)
    try embeddings.check(lists.tested, file: file, catalog)
    try self.init(
      lists, catalog, embeddings, contamination: nil,
      isClosedSet: ClosedSet.contains(lists.summary, catalog))
  }

  private init(
    _ lists: PairLists, _ catalog: Catalog, _ embeddings: EmbeddingSet,
    contamination: Contamination?, isClosedSet: Bool
  ) throws {
    summary = lists.summary
    self.contamination = contamination
    self.isClosedSet = isClosedSet
    self.embeddings = embeddings
    images = try catalog.images(lists.tested)
    findings = try catalog.findings(of: lists.summary.name)
    pairs = lists.test.flatMap(\.pairs)
    guard !pairs.isEmpty else {
      throw TrainError.nothingToTest(protocol: lists.summary.name)
    }
    comparisons = try Self.comparisons(lists.test, embeddings)
    if lists.summary.kind != "one-shot", let fold = Evaluation.oneSidedFold(in: comparisons) {
      throw TrainError.oneSidedFold(protocol: lists.summary.name, fold: fold)
    }
    let hasAll = lists.tuning.allSatisfy { part in
      part.pairs.allSatisfy {
        embeddings.row(of: $0.left) != nil && embeddings.row(of: $0.right) != nil
      }
    }
    tuningFault =
      !hasAll
      ? .missingEmbeddings : lists.hasTuningOfOneKind ? .oneKind(name: lists.tuningName) : nil
    tuning =
      tuningFault == nil && !lists.tuning.isEmpty
      ? (try Self.comparisons(lists.tuning, embeddings), lists.tuningSource) : nil
  }

  private static func comparisons(
    _ parts: [PairLists.Part], _ embeddings: EmbeddingSet
  ) throws -> Comparisons {
    var all = Comparisons()
    for part in parts { all += try embeddings.comparisons(of: part.pairs, fold: part.fold) }
    return all
  }
}

/// The pairs of a protocol that an evaluation needs.
private struct PairLists {
  struct Part {
    let fold: Int
    let pairs: [Pair]
  }

  let summary: ProtocolSummary
  let test: [Part]
  let tuning: [Part]
  /// Whether the threshold is chosen on validation pairs.
  let validates: Bool
  let tuningName: String
  /// The name, with what is to be known of them.
  var tuningSource: String

  init(_ name: String, _ catalog: Catalog) throws(CatalogError) {
    let summary = try catalog.protocolSummary(name)
    func parts(_ role: Role) throws(CatalogError) -> [Part] {
      var parts: [Part] = []
      for part in summary.pairs.keys.sorted() where part.role == role {
        let pairs = try catalog.pairs(of: name, part)
        if !pairs.isEmpty { parts.append(Part(fold: part.fold, pairs: pairs)) }
      }
      return parts
    }
    self.summary = summary
    test = try parts(.test)
    let validation = try parts(.validation)
    validates = !validation.isEmpty
    tuning = validation.isEmpty ? try parts(.train) : validation
    tuningName = validation.isEmpty ? "the training pairs" : "the validation pairs"
    tuningSource = tuningName
  }

  /// The samples that are tested.
  var tested: Set<Int> { Self.samples(test) }

  /// The samples that choose the threshold.
  var tuned: Set<Int> { Self.samples(tuning) }

  /// The samples that are tested or used to choose the threshold.
  var compared: Set<Int> { tested.union(tuned) }

  /// Whether the pairs that choose the threshold are all genuine, or all impostor pairs.
  var hasTuningOfOneKind: Bool { Set(tuning.lazy.flatMap(\.pairs).map(\.genuine)).count == 1 }

  private static func samples(_ parts: [Part]) -> Set<Int> {
    Set(parts.lazy.flatMap(\.pairs).flatMap { [$0.left, $0.right] })
  }
}

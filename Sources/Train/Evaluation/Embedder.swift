import Catalog
import Neural

/// Computes embeddings of samples with the weights of a run.
///
/// A class because it owns a tower's memory.
public final class Embedder {
  private let network: InferenceNetwork
  private var tower: Tower { network.tower }
  private let reader: BatchReader
  private let folder: RunFolder

  /// The greatest number of rows computed at once, and of bytes of the largest image between two
  /// layers.
  private static let (most, bytes) = (256, 128 << 20)

  /// Creates an embedder of the store's samples with the weights of the run.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - recipe: the run's recipe.
  ///   - catalog: the store.
  ///   - rows: the number of samples computed at once; `nil` for what memory allows.
  /// - Throws: ``TrainError``; also if the store's samples have another shape.
  public convenience init(
    run folder: RunFolder, recipe: Recipe, catalog: Catalog, rows: Int? = nil
  ) throws {
    try self.init(run: folder, recipe: recipe, stores: StoreSet([catalog]), rows: rows)
  }

  /// Creates an embedder of the samples of several stores, with or without the learned score.
  init(
    run folder: RunFolder, recipe: Recipe, stores: StoreSet, rows: Int? = nil,
    isScored: Bool = true
  ) throws {
    self.folder = folder
    let rows = rows ?? Self.rows(of: recipe)
    reader = try BatchReader(stores, recipe: recipe, rows: rows)
    network = try InferenceNetwork(run: folder, recipe: recipe, rows: rows, isScored: isScored)
    try reader.use(network.statistics)
  }

  /// The number of samples computed at once.
  private static func rows(of recipe: Recipe) -> Int {
    LayerSpecification.rows(
      of: recipe.tower, input: recipe.inputShape, bytes: bytes, atMost: most)
  }

  /// The methods that a policy gives the convolutions of evaluations.
  ///
  /// - Throws: `NeuralError` if the network cannot be built.
  static func convolutions(
    of recipe: Recipe, _ policy: ConvolutionPolicy
  ) throws -> ConvolutionChoices {
    try Tower(
      recipe.tower, input: recipe.inputShape, rows: rows(of: recipe), seed: 0, isTrainable: false,
      convolution: policy
    ).convolutions
  }

  /// Embeds samples; each once.
  ///
  /// - Throws: ``TrainError``; also if an embedding is not finite.
  public func embeddings(of ids: some Sequence<Int>) throws -> EmbeddingSet {
    let ids = Set(ids).sorted()
    let length = tower.embeddingLength
    reader.stores.willRead(ids)
    var values: [Float] = []
    values.reserveCapacity(ids.count * length)
    for start in stride(from: 0, to: ids.count, by: tower.rows) {
      let slice = ids[start..<min(start + tower.rows, ids.count)]
      values += try tower.embeddings(rows: slice.count, averagesFlips: network.averagesFlips) {
        try read(slice, isMirrored: $0)
      }
      guard !Task.isCancelled else { throw TrainError.interrupted }
    }
    let rows = EmbeddingRows(values: values, length: length)
    guard rows.faultyRow == nil else {
      throw TrainError.badRun(
        folder: folder.path, reason: "an embedding is NaN or infinite: the training has diverged")
    }
    return EmbeddingSet(
      network.project(rows), ids: ids, rule: network.rule, scorerDigest: network.scorerDigest)
  }

  /// The mean loss of pairs; `nil` for a loss without pairs.
  func loss(of pairs: [Pair], _ embeddings: EmbeddingSet) throws -> Float? {
    try network.loss(of: pairs, embeddings)
  }

  /// Reads samples into the tower's input.
  private func read(_ ids: some Sequence<Int>, isMirrored: Bool) throws {
    let items = ids.enumerated().map { (id: $0.element, row: $0.offset) }
    try reader.read(items, to: tower.input, augmentedAt: nil, isMirrored: isMirrored)
  }
}

import Catalog
import Neural

/// Computes embeddings of samples and scores of pairs with the weights of a run.
///
/// A class because it owns a tower's memory.
public final class Embedder {
  private let tower: Tower
  private let reader: BatchReader
  private let scorer: PairScorer
  private var embeddings: [Int: Int] = [:]
  private var values: [Float] = []

  /// Number of rows computed at once.
  private static let rows = 256

  /// Creates an embedder of the store's samples with the weights of the run.
  public init(
    run folder: RunFolder, recipe: Recipe, catalog: Catalog
  ) throws {
    reader = try BatchReader(StoreSet([catalog]), recipe: recipe, rows: Self.rows)
    tower = try Tower(
      recipe.tower, input: recipe.inputShape, rows: Self.rows, seed: 0, isTrainable: false)
    let head = try recipe.makeHead(over: tower, seed: 0, isTrainable: false)
    scorer = PairScorer(recipe, head: head, length: tower.embeddingLength)
    let checkpoint = try Checkpoint(folder, path: folder.weights)
    try reader.use(checkpoint.normalization)
    let parameters = tower.parameters + (head?.parameters ?? [])
    try parameters.load(
      checkpoint.weights, ignoring: recipe.sampler.unit == .samples ? "classes." : nil)
  }

  /// The scores of pairs; see ``PairScorer``.
  ///
  /// Every sample is embedded once.
  public func scores(of pairs: [Pair]) throws -> [Double] {
    try embed(Set(pairs.flatMap { [$0.left, $0.right] }).subtracting(embeddings.keys).sorted())
    return pairs.map { pair in
      guard let left = embeddings[pair.left], let right = embeddings[pair.right] else {
        preconditionFailure("both samples were embedded above")
      }
      return values.withUnsafeBufferPointer { values in
        guard let start = values.baseAddress else { return 0 }
        return scorer.score(start + left, start + right)
      }
    }
  }

  private func embed(_ ids: [Int]) throws {
    let length = tower.embeddingLength
    for start in stride(from: 0, to: ids.count, by: Self.rows) {
      let slice = ids[start..<min(start + Self.rows, ids.count)]
      let items = slice.enumerated().map { (id: $0.element, row: $0.offset) }
      try reader.read(items, to: tower.input, augmentedAt: nil)
      try tower.forward(.inference)
      for (row, id) in slice.enumerated() {
        embeddings[id] = values.count
        values.append(
          contentsOf: UnsafeBufferPointer(
            start: tower.embeddings.start + row * length, count: length))
      }
    }
  }
}

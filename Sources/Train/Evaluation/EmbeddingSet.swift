import Catalog
import Evaluate
import Neural

/// Embeddings of samples of a store, and the rule that scores two of them.
public struct EmbeddingSet: Sendable {
  /// The embeddings.
  public let rows: EmbeddingRows
  /// The id of each row's sample.
  public let ids: [Int]
  /// The score of two embeddings.
  public let rule: ScoreRule
  /// ``RunFolder/scorerDigest`` of the run that computed them; `nil` for those of a file.
  public let scorerDigest: String?
  private let places: [Int: Int]

  /// Creates a set.
  ///
  /// - Parameters:
  ///   - rows: the embeddings.
  ///   - ids: the id of each row's sample; all different.
  ///   - rule: the score of two embeddings.
  ///   - scorerDigest: the digest of the run that computed them.
  public init(
    _ rows: EmbeddingRows, ids: [Int], rule: ScoreRule, scorerDigest: String? = nil
  ) {
    precondition(rows.count == ids.count, "\(rows.count) embeddings of \(ids.count) samples")
    self.rows = rows
    self.ids = ids
    self.rule = rule
    self.scorerDigest = scorerDigest
    places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
  }

  /// The row of a sample; `nil` if it has none.
  public func row(of id: Int) -> Int? { places[id] }

  /// The embeddings of some samples, in their order.
  ///
  /// - Precondition: all of them have one.
  public func rows(of ids: [Int]) -> EmbeddingRows {
    EmbeddingRows(
      values: ids.flatMap { id in
        guard let row = places[id] else { preconditionFailure("sample \(id) has no embedding") }
        return rows.row(row)
      }, length: rows.length)
  }

  /// Throws if a sample has no embedding.
  ///
  /// - Parameters:
  ///   - wanted: the samples.
  ///   - file: the name of the file in the error.
  ///   - catalog: the store.
  /// - Throws: ``TrainError/missingEmbeddings(path:count:examples:)``.
  public func check(_ wanted: Set<Int>, file: String, _ catalog: Catalog) throws {
    let missing = wanted.filter { places[$0] == nil }.sorted()
    guard missing.isEmpty else {
      let names = try catalog.images(missing.prefix(3))
      throw TrainError.missingEmbeddings(
        path: file, count: missing.count,
        examples: missing.prefix(3).compactMap { names[$0]?.path })
    }
  }

  /// Throws if a score is NaN or infinite: numbers of embeddings or of a head are too large.
  static func check(_ scores: [Float]) throws(TrainError) {
    guard scores.allSatisfy(\.isFinite) else { throw .notFinite(layer: "the scores") }
  }

  /// The scores of pairs of samples.
  ///
  /// - Throws: ``TrainError/notFinite(layer:)``.
  /// - Precondition: all samples have an embedding.
  public func scores(of pairs: [Pair]) throws(TrainError) -> [Double] {
    let rowsOfPairs = pairs.map { pair in
      guard let left = places[pair.left], let right = places[pair.right] else {
        preconditionFailure("a sample of a pair has no embedding")
      }
      return (left: left, right: right)
    }
    let scores = rule.scores(rows, pairs: rowsOfPairs)
    try Self.check(scores)
    return scores.map(Double.init)
  }

  /// The comparisons of pairs of samples, all of one fold.
  ///
  /// - Throws: ``TrainError/notFinite(layer:)``.
  public func comparisons(of pairs: [Pair], fold: Int) throws(TrainError) -> Comparisons {
    Comparisons(
      zip(pairs, try scores(of: pairs)).lazy.map {
        Comparison(score: $1, isGenuine: $0.genuine, fold: fold)
      })
  }
}

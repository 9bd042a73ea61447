import Evaluate
import Neural
import Pairs

/// Every sample compared with every other, each pair once.
public enum AllAgainstAll {
  /// Number of rows scored at once.
  private static let rows = 128

  /// The curve of all pairs of samples.
  ///
  /// The scores are kept in 4 bytes each until they are sorted: 87.5 million need about 1 GB.
  ///
  /// - Parameters:
  ///   - embeddings: the embeddings.
  ///   - table: the samples to compare, by identity.
  /// - Returns: the curve; `nil` unless there are genuine and impostor pairs.
  /// - Throws: ``TrainError/notFinite(layer:)``.
  public static func roc(
    _ embeddings: EmbeddingSet, _ table: SampleTable
  ) throws(TrainError) -> ROC? {
    let rows = embeddings.rows(of: table.ids)
    let own = table.identities.enumerated().flatMap { place, identity in
      identity.samples.map { _ in Int32(place) }
    }
    let count = table.ids.count
    let genuineCount = table.identities.reduce(0) {
      $0 + $1.samples.count * ($1.samples.count - 1) / 2
    }
    var (genuine, impostor): ([Float], [Float]) = ([], [])
    genuine.reserveCapacity(genuineCount)
    impostor.reserveCapacity(count * (count - 1) / 2 - genuineCount)
    for start in stride(from: 0, to: count, by: Self.rows) {
      let end = min(start + Self.rows, count)
      let matrix = embeddings.rule.matrix(rows[start..<end], rows[start..<count])
      try EmbeddingSet.check(matrix)
      let columns = count - start
      for row in start..<end {
        let first = (row - start) * columns - start
        for column in row + 1..<max(row + 1, count) {
          if own[row] == own[column] {
            genuine.append(matrix[first + column])
          } else {
            impostor.append(matrix[first + column])
          }
        }
      }
    }
    return ROC(genuineFloats: genuine, impostorFloats: impostor)
  }
}

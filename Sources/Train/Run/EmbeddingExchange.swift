import MessagePassing
import Neural

/// Gives every process of a training the embeddings of the whole step, for a loss that looks across
/// the batch.
///
/// Every process computes the whole loss, so that the weights of the loss need no exchange.
///
/// A class because it owns memory for the embeddings.
final class EmbeddingExchange {
  /// The embeddings of the step, `[rows of all processes, length]`.
  let embeddings: FloatBuffer
  /// Their gradient, of the same shape.
  let gradient: FloatBuffer
  /// Whether a process was asked to stop before the last exchange.
  private(set) var isStopRequested = false
  private let group: RankGroup
  private let slice: RowSlice
  private let rows: Int
  private let length: Int
  private var own: [Float]
  private var all: [Float]

  /// Creates an exchange of embeddings of `length` numbers, `rows` of each process.
  init(_ group: RankGroup, slice: RowSlice, rows: Int, length: Int) {
    self.group = group
    self.slice = slice
    self.rows = rows
    self.length = length
    embeddings = FloatBuffer(count: group.count * rows * length)
    gradient = FloatBuffer(count: embeddings.count)
    // The first number of a process tells whether it was asked to stop.
    own = [Float](repeating: 0, count: 1 + rows * length)
    all = [Float](repeating: 0, count: group.count * own.count)
  }

  /// Gets the embeddings of all processes.
  ///
  /// - Parameters:
  ///   - values: those of this process, `[rows, length]`.
  ///   - stops: whether this process was asked to stop.
  /// - Throws: `MessagePassingError`.
  func gather(_ values: FloatBuffer, stops: Bool) throws {
    own[0] = stops ? 1 : 0
    own.withUnsafeMutableBufferPointer { own in
      guard let start = own.baseAddress else { return }
      (start + 1).update(from: values.start, count: rows * length)
    }
    try own.withUnsafeBytes { own in
      try all.withUnsafeMutableBytes { all in
        guard let start = all.baseAddress else { return }
        try group.gather(own, into: start)
      }
    }
    isStopRequested = (0..<group.count).contains { all[$0 * own.count] > 0 }
    all.withUnsafeBufferPointer { all in
      guard let start = all.baseAddress else { return }
      for rank in 0..<group.count {
        let first = start + rank * own.count + 1
        for row in 0..<rows {
          (embeddings.start + (rank + row * group.count) * length).update(
            from: first + row * length, count: length)
        }
      }
    }
  }

  /// Copies the gradient of the rows of this process, `[rows, length]`.
  func copyGradient(to target: FloatBuffer) {
    for row in 0..<rows {
      (target.start + row * length).update(
        from: gradient.start + slice.row(row) * length, count: length)
    }
  }
}

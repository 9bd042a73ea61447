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
  /// Whether a process could not compute its rows of the last exchange, because it was asked to stop.
  private(set) var isAbandoned = false
  /// The loss of the last step, which every process must have computed alike.
  var lastLoss: Float = 0
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
    own = [Float](repeating: 0, count: Self.header + rows * length)
    all = [Float](repeating: 0, count: group.count * own.count)
  }

  /// Number of numbers before the embeddings of a process: whether it was asked to stop, and its loss of
  /// the step before.
  private static let header = 2

  /// Gets the embeddings of all processes.
  ///
  /// - Parameters:
  ///   - values: those of this process, `[rows, length]`; `nil` if it cannot compute them because it
  ///     was asked to stop.
  ///   - stops: whether this process was asked to stop.
  /// - Throws: `MessagePassingError`; ``TrainError/differentRanks(rank:what:)`` if the losses of the step
  ///   before differ, so that the weights of the loss do.
  func gather(_ values: FloatBuffer?, stops: Bool) throws {
    own[0] = values == nil ? 2 : stops ? 1 : 0
    own[1] = lastLoss
    own.withUnsafeMutableBufferPointer { own in
      guard let start = own.baseAddress, let values else { return }
      (start + Self.header).update(from: values.start, count: rows * length)
    }
    try own.withUnsafeBytes { own in
      try all.withUnsafeMutableBytes { all in
        guard let start = all.baseAddress else { return }
        try group.gather(own, into: start)
      }
    }
    let headers = (0..<group.count).map {
      (flag: all[$0 * own.count], loss: all[$0 * own.count + 1])
    }
    isStopRequested = headers.contains { $0.flag > 0 }
    isAbandoned = headers.contains { $0.flag > 1 }
    if let rank = headers.firstIndex(where: { $0.loss.bitPattern != headers[0].loss.bitPattern }) {
      throw TrainError.differentRanks(rank: rank, what: "loss of the step before")
    }
    all.withUnsafeBufferPointer { all in
      guard let start = all.baseAddress else { return }
      for rank in 0..<group.count {
        let first = start + rank * own.count + Self.header
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

/// Embeddings of equal length, one after another.
public struct EmbeddingRows: Sendable, Equatable {
  /// Length of an embedding.
  public let length: Int
  /// The embeddings, `[count, length]`.
  public private(set) var values: [Float]

  /// Number of embeddings.
  public var count: Int { values.count / length }

  /// Creates rows of `length` numbers each.
  public init(values: [Float], length: Int) {
    precondition(length > 0 && values.count % length == 0, "rows of \(length) numbers each")
    self.values = values
    self.length = length
  }

  /// The rows in a range.
  public subscript(rows: Range<Int>) -> EmbeddingRows {
    EmbeddingRows(
      values: Array(values[rows.lowerBound * length..<rows.upperBound * length]), length: length)
  }

  /// The embedding of a row.
  public func row(_ row: Int) -> ArraySlice<Float> {
    values[row * length..<(row + 1) * length]
  }

  /// The first row with a number that is NaN or infinite; `nil` if there is none.
  public var faultyRow: Int? { values.firstIndex { !$0.isFinite }.map { $0 / length } }

  /// The embeddings divided by their Euclidean length; an embedding of length 0 stays 0.
  public var directions: EmbeddingRows {
    var result = self
    for row in 0..<count {
      let range = row * length..<(row + 1) * length
      let square = values[range].reduce(0.0) { $0 + Double($1) * Double($1) }
      guard square > 0 else { continue }
      let factor = 1 / square.squareRoot()
      for place in range { result.values[place] = Float(Double(values[place]) * factor) }
    }
    return result
  }

  /// Calls `body` with the address of the first number.
  func withRows(_ body: (UnsafePointer<Float>) -> Void) {
    values.withUnsafeBufferPointer { buffer in
      if let start = buffer.baseAddress { body(start) }
    }
  }
}

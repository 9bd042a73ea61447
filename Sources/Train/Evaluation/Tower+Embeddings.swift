import Neural

extension Tower {
  /// Computes the embeddings of the first rows of an input.
  ///
  /// - Parameters:
  ///   - rows: the number of rows.
  ///   - averagesFlips: whether an embedding is the mean of those of the image and of the mirrored
  ///     image.
  ///   - input: the memory of the input; the tower's own by default.
  ///   - read: writes the images to that memory, mirrored if its argument is true.
  /// - Returns: the embeddings, `[rows, length]`.
  /// - Throws: `NeuralError`, and what `read` throws.
  func embeddings(
    rows: Int, averagesFlips: Bool, input: FloatBuffer? = nil,
    read: (_ isMirrored: Bool) throws -> Void
  ) throws -> [Float] {
    try read(false)
    try forward(.inference, input: input)
    let count = rows * embeddingLength
    var values = Array(UnsafeBufferPointer(start: embeddings.start, count: count))
    guard averagesFlips else { return values }
    try read(true)
    try forward(.inference, input: input)
    for (place, mirrored) in UnsafeBufferPointer(start: embeddings.start, count: count).enumerated()
    {
      values[place] = (values[place] + mirrored) / 2
    }
    return values
  }
}

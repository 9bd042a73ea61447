extension Tower {
  /// The output of a layer for one row after a forward pass, in 32-bit floats, in the order row,
  /// column, channel.
  ///
  /// - Precondition: the tower keeps its layers apart and computes in 32-bit floats.
  public func output(ofLayer index: Int, row: Int) -> [Float] {
    let count = descriptions[index].output.count
    let start = chain.activations[index].start + row * count
    return Array(UnsafeBufferPointer(start: start, count: count))
  }

  /// The gradient of the input after a forward pass, for the weights and statistics of inference.
  ///
  /// - Parameter embeddingGradient: the gradient of the embeddings, `[rows, embeddingLength]`.
  /// - Returns: the gradient, `[rows] + inputShape`.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  /// - Precondition: the tower is trainable and computes in 32-bit floats.
  public func inputGradient(embeddingGradient: [Float]) throws(NeuralError) -> [Float] {
    let gradient = FloatBuffer(count: rows * inputShape.count)
    try chain.backward(
      input: input, outputGradient: FloatBuffer(embeddingGradient), inputGradient: gradient,
      .inference)
    return Array(UnsafeBufferPointer(start: gradient.start, count: gradient.count))
  }
}

extension ScoreRule {
  /// The derivatives of the score of two embeddings with respect to both.
  public func gradient(_ left: [Float], _ right: [Float]) -> (left: [Float], right: [Float]) {
    let length = left.count
    let embeddings = FloatBuffer(left + right)
    let gradient = FloatBuffer(count: 2 * length)
    gradient.start.update(repeating: 0, count: 2 * length)
    let rows = PairRows(0, half: 1, embeddings, gradient, length: length, scale: 1)
    switch self {
    case .distance(let distance): _ = rows.distance(distance, gradientTimes: -1)
    case .weightedDistance(let distance, let weight, _):
      _ = rows.distance(distance, gradientTimes: weight)
    case .weightedDifference(let weights, _):
      for index in 0..<length {
        let difference = left[index] - right[index]
        let sign: Float = difference > 0 ? 1 : difference < 0 ? -1 : 0
        gradient.start[index] = weights[index] * sign
        gradient.start[length + index] = -weights[index] * sign
      }
    case .jointBayesian(let curvatures, _):
      for index in 0..<length {
        gradient.start[index] = right[index] - curvatures[index] * left[index]
        gradient.start[length + index] = left[index] - curvatures[index] * right[index]
      }
    case .knownPeople:
      let sum = zip(left, right).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      // Below the smallest normal number the score is constant.
      guard sum >= .leastNormalMagnitude else { break }
      for index in 0..<length {
        gradient.start[index] = right[index] / sum
        gradient.start[length + index] = left[index] / sum
      }
    }
    let values = Array(UnsafeBufferPointer(start: gradient.start, count: 2 * length))
    return (Array(values[..<length]), Array(values[length...]))
  }
}

/// A loss that is the mean over pairs of a function of the distance of their embeddings.
protocol PairDistanceLoss: LossKind {
  /// Returns the loss of one pair and writes its gradients to `rows`.
  func evaluate(_ rows: PairRows, isGenuine: Bool) -> Float
}

extension PairDistanceLoss {
  var targets: LossTargets { .pairs }

  func makeFunction(_ context: LossContext) throws(NeuralError) -> any LossFunction {
    PairDistanceFunction(loss: self)
  }

  /// The mean loss of pairs; their left embeddings are rows `0..<half`, their right ones rows
  /// `half..<2 half`.
  ///
  /// - Parameters:
  ///   - embeddings: `[2 half, length]`.
  ///   - length: the length of an embedding.
  ///   - genuine: one value per pair; may be shorter than `half`, the remaining rows are ignored.
  ///   - gradient: receives the gradient, `[2 half, length]`.
  /// - Returns: the loss, 0 or more.
  func evaluate(
    _ embeddings: FloatBuffer, length: Int, genuine: [Bool], gradient: FloatBuffer
  ) -> Float {
    let half = embeddings.count / length / 2
    precondition(genuine.count <= half, "\(genuine.count) pairs in rows for \(half)")
    gradient.start.update(repeating: 0, count: gradient.count)
    let scale = 1 / Float(genuine.count)
    var sum: Float = 0
    for (pair, isGenuine) in genuine.enumerated() {
      let rows = PairRows(pair, half: half, embeddings, gradient, length: length, scale: scale)
      sum += evaluate(rows, isGenuine: isGenuine)
    }
    return sum * scale
  }
}

/// A loss on the distances of pairs during training.
final class PairDistanceFunction: LossFunction {
  private let loss: any PairDistanceLoss

  init(loss: any PairDistanceLoss) { self.loss = loss }

  func evaluate(
    _ embeddings: FloatBuffer, length: Int, labels: LossLabels, gradient: FloatBuffer
  ) -> LossValue {
    LossValue(
      data: loss.evaluate(
        embeddings, length: length, genuine: labels.genuine, gradient: gradient))
  }
}

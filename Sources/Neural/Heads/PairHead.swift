/// A head during training or scoring: a logit of two embeddings being of the same person.
///
/// Scores are logits; a larger score means more similar. Bound to classes because a head owns
/// weights that the optimiser updates.
public protocol PairHead: AnyObject {
  /// The weights.
  var parameters: [Parameter] { get }
  /// Length of an embedding.
  var length: Int { get }

  /// The logit as a rule with the weights of now, to score many embeddings.
  var rule: ScoreRule { get }

  /// The logit of two embeddings.
  func score(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>) -> Float

  /// Adds the gradient of the weights, and writes that of the two embeddings.
  ///
  /// - Parameters:
  ///   - gradient: the gradient of the logit.
  ///   - rows: the embeddings and the destination of their gradients.
  func differentiate(_ gradient: Float, _ rows: PairRows)
}

extension PairHead {
  /// The mean over pairs of a function of the logit; left embeddings are rows `0..<half`, right
  /// ones rows `half..<2 half`.
  ///
  /// - Parameters:
  ///   - embeddings: `[2 half, length]`.
  ///   - genuine: one value per pair; may be shorter than `half`.
  ///   - gradient: receives the gradient of the embeddings, `[2 half, length]`.
  ///   - loss: returns the loss of a logit and its derivative.
  /// - Returns: the mean; the gradients of the head are written to ``parameters``.
  func mean(
    _ embeddings: FloatBuffer, genuine: [Bool], gradient: FloatBuffer,
    _ loss: (_ logit: Float, _ isGenuine: Bool) -> (value: Float, derivative: Float)
  ) -> Float {
    let half = embeddings.count / length / 2
    precondition(genuine.count <= half, "\(genuine.count) pairs in rows for \(half)")
    gradient.start.update(repeating: 0, count: gradient.count)
    for parameter in parameters {
      parameter.gradient.start.update(repeating: 0, count: parameter.count)
    }
    let scale = 1 / Float(genuine.count)
    var sum: Float = 0
    for (pair, isGenuine) in genuine.enumerated() {
      let rows = PairRows(pair, half: half, embeddings, gradient, length: length, scale: scale)
      let (value, derivative) = loss(score(rows.left, rows.right), isGenuine)
      sum += value
      differentiate(scale * derivative, rows)
    }
    return sum * scale
  }
}

/// The contrastive loss on the Euclidean distance D of two embeddings,
/// mean over pairs of y D^2 + (1 - y) max(margin - D, 0)^2, with y = 1 for genuine pairs and
/// D = sqrt(max(d^2, 1e-7)).
///
/// Source: Hadsell, Chopra and LeCun, Dimensionality reduction by learning an invariant mapping,
/// 2006, equation 4, without its factor 1/2 and with the label turned round, as Keras's examples
/// have it.
public struct ContrastiveLoss: Sendable, Equatable {
  /// How far apart the embeddings of an impostor pair should be.
  public let margin: Float

  private static let least: Float = 1e-7

  /// A loss with this margin, more than 0.
  public init(margin: Float) throws(NeuralError) {
    guard margin > 0 else {
      throw .badOption(what: "contrastive", reason: "margin must be more than 0")
    }
    self.margin = margin
  }

  /// The mean loss of pairs whose left embeddings are rows `0..<half` and right ones rows
  /// `half..<2 half`.
  ///
  /// - Parameters:
  ///   - embeddings: `[2 half, length]`.
  ///   - length: how long an embedding is.
  ///   - genuine: one a pair; may be fewer than `half`, the rows behind them then count for
  ///     nothing.
  ///   - gradient: receives the gradient, `[2 half, length]`.
  /// - Returns: the loss, 0 or more.
  public func evaluate(
    _ embeddings: FloatBuffer, length: Int, genuine: [Bool], gradient: FloatBuffer
  ) -> Float {
    let half = embeddings.count / length / 2
    precondition(genuine.count <= half, "\(genuine.count) pairs in rows for \(half)")
    gradient.start.update(repeating: 0, count: gradient.count)
    var sum: Float = 0
    let share = 1 / Float(genuine.count)
    for (pair, isGenuine) in genuine.enumerated() {
      let left = embeddings.start + pair * length
      let right = embeddings.start + (half + pair) * length
      let squared = Self.squaredDistance(left, right, length)
      let distance = max(squared, Self.least).squareRoot()
      let gap = max(margin - distance, 0)
      sum += isGenuine ? distance * distance : gap * gap
      // Where d^2 is held at its least value, D does not change with the embeddings.
      guard squared > Self.least else { continue }
      let factor = share * (isGenuine ? 2 : -2 * gap / distance)
      for i in 0..<length {
        let slope = factor * (left[i] - right[i])
        gradient.start[pair * length + i] = slope
        gradient.start[(half + pair) * length + i] = -slope
      }
    }
    return sum * share
  }

  private static func squaredDistance(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ length: Int
  ) -> Float {
    var sum: Float = 0
    for i in 0..<length {
      let difference = left[i] - right[i]
      sum += difference * difference
    }
    return sum
  }
}

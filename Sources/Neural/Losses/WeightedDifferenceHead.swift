import Foundation

/// The head that compares two embeddings a and b: z = bias + sum over j of w_j |a_j - b_j|, the
/// logit of both being of the same person.
///
/// Scores are z; a larger score means more similar.
///
/// Source: Koch, Zemel and Salakhutdinov, Siamese Neural Networks for One-shot Image Recognition,
/// 2015, section 3.1, with a bias.
///
/// A class because it owns weights that the optimiser updates.
public final class WeightedDifferenceHead {
  /// The weights, `[length, 1]`, and the bias.
  public let parameters: [Parameter]
  private let length: Int

  /// Creates a head over embeddings of `length` numbers.
  ///
  /// - Parameters:
  ///   - length: the length of an embedding.
  ///   - seed: the seed of the initial weights.
  ///   - isTrainable: whether initial weights are drawn and memory for gradients is allocated.
  public init(length: Int, seed: Int, isTrainable: Bool) {
    let context = LayerContext(
      input: .features(length), rows: 1, seed: seed, isTrainable: isTrainable
    ).over(.features(length), named: "head")
    self.length = length
    parameters = [
      context.drawn(
        "kernel", shape: [length, 1], .glorotUniform, fanIn: length, fanOut: 1),
      context.drawn("bias", shape: [1], .constant(value: 0)),
    ]
  }

  /// The logit of two embeddings.
  public func score(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>) -> Float {
    let weights = parameters[0].values.start
    var sum = parameters[1].values.start[0]
    for index in 0..<length { sum += weights[index] * abs(left[index] - right[index]) }
    return sum
  }

  /// The mean binary cross-entropy of pairs; their left embeddings are rows `0..<half`, their right
  /// ones rows `half..<2 half`.
  ///
  /// The form max(z, 0) - z y + ln(1 + exp(-|z|)) is finite for every finite z.
  ///
  /// - Parameters:
  ///   - embeddings: `[2 half, length]`.
  ///   - genuine: one value per pair; may be shorter than `half`.
  ///   - gradient: receives the gradient of the embeddings, `[2 half, length]`.
  ///   - isDoubleSigmoid: whether the sigmoid of the logit is used as the logit, as in the program
  ///     of one source. The loss is then at least 0.5032 on balanced pairs.
  /// - Returns: the loss, 0 or more; the gradients of the head are written to ``parameters``.
  public func crossEntropy(
    _ embeddings: FloatBuffer, genuine: [Bool], gradient: FloatBuffer, isDoubleSigmoid: Bool
  ) -> Float {
    let half = embeddings.count / length / 2
    precondition(genuine.count <= half, "\(genuine.count) pairs in rows for \(half)")
    gradient.start.update(repeating: 0, count: gradient.count)
    let (weights, weightGradients) = (parameters[0].values.start, parameters[0].gradient.start)
    weightGradients.update(repeating: 0, count: length)
    var (sum, biasGradient): (Float, Float) = (0, 0)
    let scale = 1 / Float(genuine.count)
    for (pair, isGenuine) in genuine.enumerated() {
      let (left, right) = (pair * length, (half + pair) * length)
      let logit = score(embeddings.start + left, embeddings.start + right)
      let (loss, logitGradient) = Self.loss(logit, isGenuine, isDoubleSigmoid: isDoubleSigmoid)
      sum += loss
      let step = scale * logitGradient
      biasGradient += step
      for index in 0..<length {
        let difference = embeddings.start[left + index] - embeddings.start[right + index]
        weightGradients[index] += step * abs(difference)
        let sign: Float = difference > 0 ? 1 : difference < 0 ? -1 : 0
        gradient.start[left + index] = step * weights[index] * sign
        gradient.start[right + index] = -step * weights[index] * sign
      }
    }
    parameters[1].gradient.start[0] = biasGradient
    return sum * scale
  }

  /// Returns the loss of one logit and its derivative.
  private static func loss(
    _ logit: Float, _ isGenuine: Bool, isDoubleSigmoid: Bool
  ) -> (value: Float, derivative: Float) {
    func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
    let inner = sigmoid(logit)
    let z = isDoubleSigmoid ? inner : logit
    let value = max(z, 0) - (isGenuine ? z : 0) + log1p(exp(-abs(z)))
    let derivative = sigmoid(z) - (isGenuine ? 1 : 0)
    return (value, isDoubleSigmoid ? derivative * inner * (1 - inner) : derivative)
  }
}

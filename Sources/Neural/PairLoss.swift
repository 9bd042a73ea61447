import Configuration
import Foundation

/// What training makes small: a mean over pairs, with y = 1 for genuine pairs.
public enum PairLoss: Codable, Equatable, Sendable {
  /// A loss on the distance of two embeddings that a margin holds apart; `form` is keras unless
  /// given.
  case contrastive(margin: Float, form: ContrastiveForm?)
  /// y (1 - cos) + (1 - y) max(cos - margin, 0); the margin is 0 unless given.
  ///
  /// Source: PyTorch, `CosineEmbeddingLoss`.
  case cosineEmbedding(margin: Float?)
  /// Binary cross-entropy on the logits of a ``WeightedDifferenceHead``; with `doubleSigmoid` as
  /// one source's program has it.
  case binaryCrossEntropy(doubleSigmoid: Bool?)

  private enum CodingKeys: String, CodingKey {
    case contrastive
    case cosineEmbedding = "cosine-embedding"
    case binaryCrossEntropy = "binary-cross-entropy"
  }

  private enum BinaryCrossEntropyCodingKeys: String, CodingKey {
    case doubleSigmoid = "double-sigmoid"
  }

  /// The forms in which the contrastive loss is met; m is the margin, D = sqrt(max(d^2, 1e-7)).
  public enum ContrastiveForm: String, NamedChoice, Sendable {
    /// y D^2 + (1 - y) max(m - D, 0)^2.
    ///
    /// Source: Keras's examples.
    case keras
    /// Half of that.
    ///
    /// Source: Hadsell, Chopra and LeCun, Dimensionality reduction by learning an invariant mapping,
    /// 2006, equation 4, with the label turned round.
    case hadsell
    /// y d^2 + (1 - y) max(m - d^2, 0).
    ///
    /// Source: the package siamese_net.
    case squaredHinge = "squared-hinge"
    /// y (2 / m) E^2 + (1 - y) 2 m exp(-2.77 E / m) with E the L1 distance, of which m is a bound.
    ///
    /// Source: Chopra, Hadsell and LeCun, Learning a Similarity Metric Discriminatively, 2005,
    /// equation 8.
    case exponential
  }

  /// Whether the loss is about the logits of a head rather than a distance.
  public var needsHead: Bool {
    if case .binaryCrossEntropy = self { true } else { false }
  }

  /// The distance the loss is about, which scores are made of as well; `nil` with a head.
  public var distance: Distance? {
    switch self {
    case .contrastive(_, let form):
      switch form ?? .keras {
      case .keras, .hadsell: .euclidean
      case .squaredHinge: .squaredEuclidean
      case .exponential: .l1
      }
    case .cosineEmbedding: .cosine
    case .binaryCrossEntropy: nil
    }
  }

  /// Refuses options without meaning.
  public func check() throws(NeuralError) {
    switch self {
    case .contrastive(let margin, _):
      guard margin > 0, margin.isFinite else {
        throw .badOption(what: "contrastive", reason: "margin must be more than 0")
      }
    case .cosineEmbedding(let margin):
      guard (-1..<1).contains(margin ?? 0) else {
        throw .badOption(what: "cosine-embedding", reason: "margin must be in -1..<1")
      }
    case .binaryCrossEntropy: return
    }
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
  /// - Precondition: the loss is about a distance.
  public func evaluate(
    _ embeddings: FloatBuffer, length: Int, genuine: [Bool], gradient: FloatBuffer
  ) -> Float {
    let half = embeddings.count / length / 2
    precondition(genuine.count <= half, "\(genuine.count) pairs in rows for \(half)")
    gradient.start.update(repeating: 0, count: gradient.count)
    let share = 1 / Float(genuine.count)
    var sum: Float = 0
    for (pair, isGenuine) in genuine.enumerated() {
      let (left, right) = (pair * length, (half + pair) * length)
      let rows = Rows(
        left: embeddings.start + left, right: embeddings.start + right,
        leftGradient: gradient.start + left, rightGradient: gradient.start + right,
        length: length, share: share)
      switch self {
      case .contrastive(let margin, let form):
        sum += Self.contrastive(rows, margin: margin, form: form ?? .keras, isGenuine)
      case .binaryCrossEntropy: preconditionFailure("the head computes it")
      case .cosineEmbedding(let margin):
        sum += Self.cosine(rows, margin: margin ?? 0, isGenuine)
      }
    }
    return sum * share
  }

  /// The embeddings of one pair and where their gradients go.
  private struct Rows {
    let left: UnsafePointer<Float>
    let right: UnsafePointer<Float>
    let leftGradient: UnsafeMutablePointer<Float>
    let rightGradient: UnsafeMutablePointer<Float>
    let length: Int
    let share: Float

    var squaredDistance: Float {
      var sum: Float = 0
      for index in 0..<length {
        let difference = left[index] - right[index]
        sum += difference * difference
      }
      return sum
    }

    /// Adds a gradient along the difference of the embeddings.
    func push(_ slope: Float) {
      for index in 0..<length {
        let step = share * slope * (left[index] - right[index])
        leftGradient[index] = step
        rightGradient[index] = -step
      }
    }
  }

  private static let least: Float = 1e-7

  private static func contrastive(
    _ rows: Rows, margin: Float, form: ContrastiveForm, _ isGenuine: Bool
  ) -> Float {
    if form == .exponential { return exponential(rows, bound: margin, isGenuine) }
    let squared = rows.squaredDistance
    if form == .squaredHinge {
      let gap = max(margin - squared, 0)
      if isGenuine { rows.push(2) } else if gap > 0 { rows.push(-2) }
      return isGenuine ? squared : gap
    }
    let scale: Float = form == .hadsell ? 0.5 : 1
    let distance = max(squared, least).squareRoot()
    let gap = max(margin - distance, 0)
    // Where d^2 is held at its least value, D does not change with the embeddings.
    if squared > least { rows.push(scale * (isGenuine ? 2 : -2 * gap / distance)) }
    return scale * (isGenuine ? distance * distance : gap * gap)
  }

  private static func exponential(_ rows: Rows, bound: Float, _ isGenuine: Bool) -> Float {
    var distance: Float = 0
    for index in 0..<rows.length { distance += abs(rows.left[index] - rows.right[index]) }
    let decay = exp(-2.77 * distance / bound)
    let slope = isGenuine ? 4 / bound * distance : -2 * 2.77 * decay
    for index in 0..<rows.length {
      let difference = rows.left[index] - rows.right[index]
      let sign: Float = difference > 0 ? 1 : difference < 0 ? -1 : 0
      rows.leftGradient[index] = rows.share * slope * sign
      rows.rightGradient[index] = -rows.share * slope * sign
    }
    return isGenuine ? 2 / bound * distance * distance : 2 * bound * decay
  }

  private static func cosine(_ rows: Rows, margin: Float, _ isGenuine: Bool) -> Float {
    // In double precision: the product of two squared norms of 1e-11 each is 0 in single precision.
    var (product, one, other) = (0.0, 0.0, 0.0)
    for index in 0..<rows.length {
      let (a, b) = (Double(rows.left[index]), Double(rows.right[index]))
      product += a * b
      one += a * a
      other += b * b
    }
    // NaN must reach the loss: only an embedding of zeros is without a direction.
    guard one != 0, other != 0 else { return isGenuine ? 1 : max(-margin, 0) }
    let norms = one.squareRoot() * other.squareRoot()
    let exact = product / norms
    let cosine = Float(exact)
    let scale = Double(rows.share) * (isGenuine ? -1 : cosine > margin ? 1 : 0)
    for index in 0..<rows.length {
      let (a, b) = (Double(rows.left[index]), Double(rows.right[index]))
      rows.leftGradient[index] = Float(scale * (b / norms - exact * a / one))
      rows.rightGradient[index] = Float(scale * (a / norms - exact * b / other))
    }
    return isGenuine ? 1 - cosine : max(cosine - margin, 0)
  }
}

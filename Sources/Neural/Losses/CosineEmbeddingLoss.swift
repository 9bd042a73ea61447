/// y (1 - cos) + (1 - y) max(cos - margin, 0), with y = 1 for genuine pairs.
///
/// Source: PyTorch, `CosineEmbeddingLoss`.
struct CosineEmbeddingLoss: PairDistanceLoss {
  package static let name = "cosine-embedding"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The margin, in -1..<1; defaults to 0.
  var margin: Float?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case margin
  }

  var distance: Distance? { .cosine }
  var valueOfConstantEmbedding: Float? { (1 - (margin ?? 0)) / 2 }

  func check() throws(NeuralError) {
    guard (-1..<1).contains(margin ?? 0) else {
      throw .badOption(what: Self.name, reason: "margin must be in -1..<1")
    }
  }

  func evaluate(_ rows: PairRows, isGenuine: Bool) -> Float {
    let margin = margin ?? 0
    // NaN must propagate to the loss, so only an embedding of zeros is treated as having no
    // direction.
    let sums = CosineSums(rows.left, rows.right, length: rows.length)
    guard sums.hasDirections else { return isGenuine ? 1 : max(-margin, 0) }
    let cosine = Float(sums.cosine)
    let scale = Double(rows.scale) * (isGenuine ? -1 : cosine > margin ? 1 : 0)
    for index in 0..<rows.length {
      let derivatives = sums.derivatives(rows.left[index], rows.right[index])
      rows.leftGradient[index] = Float(scale * derivatives.left)
      rows.rightGradient[index] = Float(scale * derivatives.right)
    }
    return isGenuine ? 1 - cosine : max(cosine - margin, 0)
  }
}

extension Loss {
  /// A loss on the cosine of two embeddings.
  package static func cosineEmbedding(margin: Float?) -> Loss {
    .init(CosineEmbeddingLoss(margin: margin))
  }
}

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
    // In double precision: the product of two squared norms of 1e-11 each is 0 in single precision.
    var (product, one, other) = (0.0, 0.0, 0.0)
    for index in 0..<rows.length {
      let (a, b) = (Double(rows.left[index]), Double(rows.right[index]))
      product += a * b
      one += a * a
      other += b * b
    }
    // NaN must propagate to the loss, so only an embedding of zeros is treated as having no
    // direction.
    guard one != 0, other != 0 else { return isGenuine ? 1 : max(-margin, 0) }
    let norms = one.squareRoot() * other.squareRoot()
    let exact = product / norms
    let cosine = Float(exact)
    let scale = Double(rows.scale) * (isGenuine ? -1 : cosine > margin ? 1 : 0)
    for index in 0..<rows.length {
      let (a, b) = (Double(rows.left[index]), Double(rows.right[index]))
      rows.leftGradient[index] = Float(scale * (b / norms - exact * a / one))
      rows.rightGradient[index] = Float(scale * (a / norms - exact * b / other))
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

/// The sums that the cosine of two embeddings and its gradient are made of.
///
/// In double precision: the product of two squared norms of 1e-11 each is 0 in single precision.
struct CosineSums {
  /// The sum of the products.
  private(set) var product = 0.0
  /// The squared norm of the left embedding.
  private(set) var left = 0.0
  /// The squared norm of the right embedding.
  private(set) var right = 0.0

  init(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, length: Int) {
    for index in 0..<length {
      let (x, y) = (Double(a[index]), Double(b[index]))
      product += x * y
      left += x * x
      right += y * y
    }
  }

  /// Whether neither embedding is 0, so that both have a direction; true if one has NaN, which must
  /// propagate.
  var hasDirections: Bool { left != 0 && right != 0 }
  /// The product of the norms.
  var norms: Double { left.squareRoot() * right.squareRoot() }
  /// The cosine.
  var cosine: Double { product / norms }

  /// The derivatives of the cosine for one number of each embedding.
  func derivatives(_ a: Float, _ b: Float) -> (left: Double, right: Double) {
    let (x, y) = (Double(a), Double(b))
    return (y / norms - cosine * x / left, x / norms - cosine * y / right)
  }
}

/// The embeddings of one pair and the destination of their gradients.
public struct PairRows {
  let left: UnsafePointer<Float>
  let right: UnsafePointer<Float>
  let leftGradient: UnsafeMutablePointer<Float>
  let rightGradient: UnsafeMutablePointer<Float>
  let length: Int
  /// The factor of the gradient of one pair: 1 / the number of pairs.
  let scale: Float

  /// The rows of a pair in buffers of `[2 half, length]`; left embeddings are rows `0..<half`.
  init(
    _ pair: Int, half: Int, _ embeddings: FloatBuffer, _ gradient: FloatBuffer, length: Int,
    scale: Float
  ) {
    let (first, second) = (pair * length, (half + pair) * length)
    left = UnsafePointer(embeddings.start + first)
    right = UnsafePointer(embeddings.start + second)
    leftGradient = gradient.start + first
    rightGradient = gradient.start + second
    self.length = length
    self.scale = scale
  }

  private var squaredDistance: Float {
    var sum: Float = 0
    for index in 0..<length {
      let difference = left[index] - right[index]
      sum += difference * difference
    }
    return sum
  }

  /// The minimum of d^2 under a root, so that the root has a gradient.
  static let epsilon: Float = 1e-7

  /// Returns a distance of the embeddings and writes their gradients: `factor` times its
  /// derivative.
  ///
  /// A Euclidean distance is sqrt(max(d^2, 1e-7)); where it is clamped, its derivative is 0. The
  /// cosine distance of an embedding of zeros is 1, without a gradient.
  func distance(_ distance: Distance, gradientTimes factor: Float) -> Float {
    switch distance {
    case .euclidean:
      let squared = squaredDistance
      let root = max(squared, Self.epsilon).squareRoot()
      setDifference(times: squared > Self.epsilon ? factor / root : 0)
      return root
    case .squaredEuclidean:
      setDifference(times: 2 * factor)
      return squaredDistance
    case .l1: return absoluteDifference(factor)
    case .cosine: return cosineDistance(factor)
    }
  }

  /// Writes gradients along the difference of the embeddings.
  private func setDifference(times factor: Float) {
    for index in 0..<length {
      let step = factor * (left[index] - right[index])
      leftGradient[index] = step
      rightGradient[index] = -step
    }
  }

  private func absoluteDifference(_ factor: Float) -> Float {
    var sum: Float = 0
    for index in 0..<length {
      let difference = left[index] - right[index]
      sum += abs(difference)
      let sign: Float = difference > 0 ? 1 : difference < 0 ? -1 : 0
      leftGradient[index] = factor * sign
      rightGradient[index] = -factor * sign
    }
    return sum
  }

  private func cosineDistance(_ factor: Float) -> Float {
    let sums = CosineSums(left, right, length: length)
    guard sums.hasDirections else { return 1 }
    for index in 0..<length {
      let derivatives = sums.derivatives(left[index], right[index])
      leftGradient[index] = -factor * Float(derivatives.left)
      rightGradient[index] = -factor * Float(derivatives.right)
    }
    return Float(1 - sums.cosine)
  }
}

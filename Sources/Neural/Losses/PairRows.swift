/// The embeddings of one pair and the destination of their gradients.
struct PairRows {
  let left: UnsafePointer<Float>
  let right: UnsafePointer<Float>
  let leftGradient: UnsafeMutablePointer<Float>
  let rightGradient: UnsafeMutablePointer<Float>
  let length: Int
  /// The factor of the gradient of one pair: 1 / the number of pairs.
  let scale: Float

  var squaredDistance: Float {
    var sum: Float = 0
    for index in 0..<length {
      let difference = left[index] - right[index]
      sum += difference * difference
    }
    return sum
  }

  /// Adds a gradient along the difference of the embeddings.
  func addDifference(times gradient: Float) {
    for index in 0..<length {
      let step = scale * gradient * (left[index] - right[index])
      leftGradient[index] = step
      rightGradient[index] = -step
    }
  }
}

/// The two directions in which points vary most.
public enum PrincipalComponents {
  /// Projects points on their first two principal components.
  ///
  /// The components are found by orthogonal iteration, which needs no covariance matrix, so that points
  /// may have thousands of coordinates. Each component points to where its coordinate of the largest
  /// size is positive.
  ///
  /// - Parameters:
  ///   - values: the points, `[count, length]`, row-major.
  ///   - length: the number of coordinates; at least 1.
  /// - Returns: the two coordinates of each point, from the mean of all points.
  public static func project(_ values: [Float], length: Int) -> [(x: Double, y: Double)] {
    let count = values.count / length
    guard count > 0 else { return [] }
    var centred = values.map(Double.init)
    for column in 0..<length {
      var sum = 0.0
      for row in 0..<count { sum += centred[row * length + column] }
      for row in 0..<count { centred[row * length + column] -= sum / Double(count) }
    }
    // The start is any two directions that are not orthogonal to the components.
    var axes = [7_919, 6_131].map { factor -> [Double] in
      (0..<length).map { column in
        let digits = (column + 1) * factor % 1_009
        return Double(digits) / 1_009 - 0.5
      }
    }
    for _ in 0..<100 {
      axes = axes.map { axis in
        var next = [Double](repeating: 0, count: length)
        for row in 0..<count {
          let weight = dot(centred, row, axis)
          for column in 0..<length { next[column] += weight * centred[row * length + column] }
        }
        return next
      }
      orthogonalize(&axes)
    }
    axes = axes.map { axis in
      let largest = axis.max { abs($0) < abs($1) } ?? 0
      return largest < 0 ? axis.map { -$0 } : axis
    }
    return (0..<count).map { (dot(centred, $0, axes[0]), dot(centred, $0, axes[1])) }
  }

  private static func dot(_ values: [Double], _ row: Int, _ axis: [Double]) -> Double {
    var sum = 0.0
    for column in axis.indices { sum += values[row * axis.count + column] * axis[column] }
    return sum
  }

  private static func orthogonalize(_ axes: inout [[Double]]) {
    for place in axes.indices {
      for earlier in 0..<place {
        let shared = dot(axes[place], 0, axes[earlier])
        for column in axes[place].indices { axes[place][column] -= shared * axes[earlier][column] }
      }
      let norm = dot(axes[place], 0, axes[place]).squareRoot()
      guard norm > 1e-300 else { continue }
      for column in axes[place].indices { axes[place][column] /= norm }
    }
  }
}

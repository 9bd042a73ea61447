import Configuration

/// A distance between two embeddings; a smaller value means more similar.
public enum Distance: String, NamedChoice, Sendable {
  /// The square root of the sum of squared differences.
  case euclidean
  /// The sum of squared differences.
  case squaredEuclidean = "squared-euclidean"
  /// The sum of absolute differences.
  case l1
  /// 1 - the cosine of the angle; 1 if an embedding is 0.
  case cosine

  /// The distance of two embeddings of `length` numbers each, summed in double precision.
  public func between(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, length: Int
  ) -> Double {
    switch self {
    case .euclidean: Self.squared(left, right, length).squareRoot()
    case .squaredEuclidean: Self.squared(left, right, length)
    case .l1:
      (0..<length).reduce(0) { $0 + abs(Double(left[$1]) - Double(right[$1])) }
    case .cosine: 1 - Self.cosine(left, right, length)
    }
  }

  private static func squared(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ length: Int
  ) -> Double {
    var sum = 0.0
    for index in 0..<length {
      let difference = Double(left[index]) - Double(right[index])
      sum += difference * difference
    }
    return sum
  }

  private static func cosine(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ length: Int
  ) -> Double {
    let sums = CosineSums(left, right, length: length)
    return sums.hasDirections ? sums.cosine : 0
  }
}

internal import CKernels

/// All distances between the embeddings of a batch.
struct DistanceMatrix {
  /// `[rows, rows]`.
  let distances: FloatBuffer
  private let points: FloatBuffer
  private let lengths: FloatBuffer?
  private let rows: Int
  private let length: Int
  private let distance: Distance

  /// The minimum of D^2, so that the root has a gradient.
  private static let epsilon: Float = 1e-7

  init(_ embeddings: FloatBuffer, rows: Int, length: Int, distance: Distance) {
    self.rows = rows
    self.length = length
    self.distance = distance
    distances = FloatBuffer(count: rows * rows)
    if distance == .cosine {
      let (unit, lengths) = (FloatBuffer(count: rows * length), FloatBuffer(count: rows))
      ckernels_unit_rows(rows, length, embeddings.start, unit.start, lengths.start)
      (points, self.lengths) = (unit, lengths)
    } else {
      (points, lengths) = (embeddings, nil)
    }
    ckernels_squared_distances(rows, length, points.start, distances.start)
    for place in 0..<rows * rows {
      distances.start[place] = value(of: distances.start[place], place: place)
    }
  }

  private func hasDirections(_ place: Int) -> Bool {
    guard let lengths else { return true }
    // A length that is NaN is not 0: it must propagate to the loss.
    return lengths.start[place / rows] != 0 && lengths.start[place % rows] != 0
  }

  /// The distance for a squared distance; 1 - cos is half the squared distance of the unit vectors.
  private func value(of squared: Float, place: Int) -> Float {
    switch distance {
    case .euclidean: max(squared, Self.epsilon).squareRoot()
    case .cosine: hasDirections(place) ? squared / 2 : 1
    default: squared
    }
  }

  /// Writes the gradient of the embeddings, given the gradient of the distances, `[rows, rows]`,
  /// which is overwritten.
  ///
  /// dD / dx_i = k (x_i - x_j), with k = 1 / D for the Euclidean distance, 2 for its square, and 1
  /// on unit vectors for the cosine.
  func accumulateGradient(of distanceGradients: FloatBuffer, into gradient: FloatBuffer) {
    let root = Self.epsilon.squareRoot()
    for i in 0..<rows {
      for j in 0...i {
        let (one, other) = (i * rows + j, j * rows + i)
        let sum = i == j ? 0 : distanceGradients.start[one] + distanceGradients.start[other]
        let factor: Float =
          switch distance {
          // If D^2 is clamped, D does not depend on the embeddings.
          case .euclidean: distances.start[one] > root ? 1 / distances.start[one] : 0
          case .cosine: hasDirections(one) ? 1 : 0
          default: 2
          }
        distanceGradients.start[one] = sum == 0 ? 0 : sum * factor
        distanceGradients.start[other] = distanceGradients.start[one]
      }
    }
    ckernels_accumulate_rows(rows, length, distanceGradients.start, points.start, gradient.start)
    guard let lengths else { return }
    ckernels_unit_rows_backward(rows, length, points.start, lengths.start, gradient.start)
  }
}

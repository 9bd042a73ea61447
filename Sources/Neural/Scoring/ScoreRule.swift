internal import CKernels
import Foundation

/// The score of two embeddings; a larger one means more similar.
///
/// A score does not depend on what else is scored, on the number of threads or on the instruction
/// set: a pair alone and the same pair in a matrix have the same score.
public enum ScoreRule: Sendable, Equatable {
  /// The negative distance.
  case distance(Distance)
  /// bias + the sum over j of w_j |a_j - b_j|; see ``WeightedDifferenceHead``.
  case weightedDifference(weights: [Float], bias: Float)
  /// bias + weight x distance; see ``WeightedDistanceHead``.
  case weightedDistance(Distance, weight: Float, bias: Float)
  /// bias + the sum over j of a_j b_j - c_j (a_j^2 + b_j^2) / 2, of projected embeddings; see
  /// ``JointBayesian``.
  case jointBayesian(curvatures: [Float], bias: Float)
  /// The logarithm of the sum over j of p_j q_j, where p_j and q_j are the probabilities that the images
  /// show person j; see ``KnownPeople``. It is at least that of the smallest positive normal number.
  case knownPeople

  /// The length that embeddings must have; `nil` if every length is possible.
  public var length: Int? {
    switch self {
    case .weightedDifference(let weights, _), .jointBayesian(let weights, _): weights.count
    case .distance, .weightedDistance, .knownPeople: nil
    }
  }

  /// A description for a report.
  public var title: String {
    switch self {
    case .distance(let distance): "the negative \(distance.rawValue) distance"
    case .weightedDifference: "the trained head's weighted difference"
    case .weightedDistance(let distance, _, _): "the trained head's \(distance.rawValue) distance"
    case .jointBayesian: "the joint Bayesian log likelihood ratio"
    case .knownPeople: "the log probability that both show the same training person"
    }
  }

  /// Prepared embeddings: for a cosine, of length 1.
  private var usesDirections: Bool {
    switch self {
    case .distance(let distance), .weightedDistance(let distance, _, _): distance == .cosine
    case .weightedDifference, .jointBayesian, .knownPeople: false
    }
  }

  /// Scores every left embedding with every right one.
  ///
  /// - Parameters:
  ///   - left: the embeddings of the rows.
  ///   - right: the embeddings of the columns, of the same length.
  /// - Returns: the scores, `[left, right]`, row-major.
  public func matrix(_ left: EmbeddingRows, _ right: EmbeddingRows) -> [Float] {
    precondition(left.length == right.length, "two embeddings of a score have one length")
    guard left.count > 0, right.count > 0 else { return [] }
    let shape = CScoreShape(rows: left.count, columns: right.count, length: left.length)
    var scores = [Float](unsafeUninitializedCapacity: left.count * right.count) { buffer, count in
      count = left.count * right.count
      guard let results = buffer.baseAddress else { return }
      prepared(left).withRows { one in
        prepared(right).withRows { other in compare(shape, one, other, results) }
      }
    }
    finish(&scores)
    return scores
  }

  /// Scores pairs of rows.
  ///
  /// - Parameters:
  ///   - embeddings: the embeddings.
  ///   - pairs: the two rows of each pair.
  /// - Returns: a score for each pair.
  public func scores(_ embeddings: EmbeddingRows, pairs: [(left: Int, right: Int)]) -> [Float] {
    let shape = CScoreShape(rows: 1, columns: 1, length: embeddings.length)
    var scores = [Float](repeating: 0, count: pairs.count)
    scores.withUnsafeMutableBufferPointer { scores in
      guard let results = scores.baseAddress else { return }
      prepared(embeddings).withRows { rows in
        for (place, pair) in pairs.enumerated() {
          compare(
            shape, rows + pair.left * embeddings.length, rows + pair.right * embeddings.length,
            results + place)
        }
      }
    }
    finish(&scores)
    return scores
  }

  private func prepared(_ rows: EmbeddingRows) -> EmbeddingRows {
    usesDirections ? rows.directions : rows
  }

  private func compare(
    _ shape: CScoreShape, _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    _ results: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .weightedDifference(let weights, _):
      ckernels_absolute_differences(shape, left, right, weights, results)
    case .jointBayesian(let curvatures, _):
      ckernels_likelihood_ratios(shape, left, right, curvatures, results)
    case .knownPeople: ckernels_products(shape, left, right, results)
    case .distance(let distance), .weightedDistance(let distance, _, _):
      switch distance {
      case .l1: ckernels_absolute_differences(shape, left, right, nil, results)
      case .euclidean, .squaredEuclidean:
        ckernels_squared_differences(shape, left, right, results)
      case .cosine: ckernels_products(shape, left, right, results)
      }
    }
  }

  /// Turns the sums of the kernels into scores.
  private func finish(_ scores: inout [Float]) {
    if case .knownPeople = self {
      for place in scores.indices {
        scores[place] = Float(log(Double(max(scores[place], .leastNormalMagnitude))))
      }
      return
    }
    let (distance, weight, bias): (Distance?, Float, Float) =
      switch self {
      case .weightedDifference(_, let bias), .jointBayesian(_, let bias): (nil, 1, bias)
      case .knownPeople: (nil, 1, 0)
      case .distance(let distance): (distance, -1, 0)
      case .weightedDistance(let distance, let weight, let bias): (distance, weight, bias)
      }
    for place in scores.indices {
      let sum = scores[place]
      let value =
        switch distance {
        case .euclidean: sum.squareRoot()
        case .cosine: 1 - sum
        case .l1, .squaredEuclidean, nil: sum
        }
      scores[place] = bias + weight * value
    }
  }
}

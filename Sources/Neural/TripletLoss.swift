internal import CKernels
import Configuration
import Foundation

/// A loss over triplets of a batch: an anchor a, another sample p of its identity, and a sample n of
/// another; x = D(a, p) - D(a, n), and a term is max(margin + x, 0), or ln(1 + e^x) when soft.
public struct TripletLoss: Codable, Equatable, Sendable {
  /// Which triplets of a batch are looked at.
  public enum Mining: String, NamedChoice, Sendable {
    /// Every one; the mean is over those with a term of more than 0.
    ///
    /// Source: Hermans, Beyer and Leibe, In Defense of the Triplet Loss for Person
    /// Re-Identification, 2017, equation 6, averaged as its section 3.2 says.
    case all
    /// Each anchor with each of its like, and of the unlike the nearest with D(a, p) < D(a, n) <
    /// D(a, p) + margin, or, where there is none, the farthest; the mean is over all of these.
    ///
    /// Source: Schroff, Kalenichenko and Philbin, FaceNet, 2015, section 3.2, with the remedy of
    /// TensorFlow's `triplet_semihard_loss` for pairs without a semi-hard negative.
    case semiHard = "semi-hard"
    /// Each anchor with the farthest of its like and the nearest of the unlike; the mean is over the
    /// anchors.
    ///
    /// Source: Hermans, Beyer and Leibe, 2017, equation 5.
    case batchHard = "batch-hard"
  }

  /// Which triplets are looked at.
  public let mining: Mining
  /// How much farther the unlike has to be, in units of the distance; 0.2 unless given.
  public let margin: Float?
  /// Whether the term is ln(1 + e^x), which has no margin; no unless given.
  public let soft: Bool?
  /// The distance, not L1; unless given squared Euclidean for semi-hard, as FaceNet has it, and
  /// Euclidean else, as Hermans and others have it.
  public let distance: Distance?

  /// A loss over triplets.
  ///
  /// - Parameters:
  ///   - mining: which triplets are looked at.
  ///   - margin: how much farther the unlike has to be.
  ///   - soft: whether the term is ln(1 + e^x).
  ///   - distance: the distance.
  public init(
    mining: Mining, margin: Float? = nil, soft: Bool? = nil, distance: Distance? = nil
  ) {
    self.mining = mining
    self.margin = margin
    self.soft = soft
    self.distance = distance
  }

  var distanceOrDefault: Distance {
    distance ?? (mining == .semiHard ? .squaredEuclidean : .euclidean)
  }

  var isSoft: Bool { soft ?? false }

  /// Refuses options without meaning.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public func check() throws(NeuralError) {
    func refuse(_ reason: String) -> NeuralError { .badOption(what: "triplet", reason: reason) }
    guard margin ?? 0.2 > 0, (margin ?? 0.2).isFinite else {
      throw refuse("margin must be more than 0")
    }
    guard distance != .l1 else {
      throw refuse("distance must be euclidean, squared-euclidean or cosine")
    }
    guard isSoft else { return }
    guard margin == nil else { throw refuse("soft has no margin, so leave margin out") }
    guard mining != .semiHard else {
      throw refuse("semi-hard needs its margin, so leave soft out or take batch-hard or all")
    }
  }

  /// The loss of a batch.
  ///
  /// An anchor without its like or without an unlike counts for nothing; where no triplet is left
  /// the loss is 0. Among equally near or far samples the first is taken.
  ///
  /// - Parameters:
  ///   - embeddings: `[rows, length]`.
  ///   - length: how long an embedding is.
  ///   - identities: the identity of each row; may be fewer than rows, those behind count for
  ///     nothing.
  ///   - gradient: receives the gradient, `[rows, length]`.
  /// - Returns: the loss, 0 or more, and the share of the terms that are more than 0.
  public func evaluate(
    _ embeddings: FloatBuffer, length: Int, identities: [Int], gradient: FloatBuffer
  ) -> LossValue {
    let rows = identities.count
    precondition(rows * length <= embeddings.count, "\(rows) identities for fewer rows")
    gradient.start.update(repeating: 0, count: gradient.count)
    let points = Points(embeddings, rows: rows, length: length, distance: distanceOrDefault)
    var miner = TripletMiner(self, identities: identities, distances: points.distances)
    let value = miner.mine()
    points.pull(by: miner.slopes, gradient: gradient)
    return value
  }
}

/// The embeddings of a batch as points, and all distances between them.
private struct Points {
  /// `[rows, rows]`.
  let distances: FloatBuffer
  private let points: FloatBuffer
  private let lengths: FloatBuffer?
  private let rows: Int
  private let length: Int
  private let distance: Distance

  /// Where D^2 is held, so that the root has a slope.
  private static let least: Float = 1e-7

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
    // A length that is no number is not 0: it has to reach the loss.
    return lengths.start[place / rows] != 0 && lengths.start[place % rows] != 0
  }

  /// The distance whose squared one is given; 1 - cos is half of that of the unit vectors.
  private func value(of squared: Float, place: Int) -> Float {
    switch distance {
    case .euclidean: max(squared, Self.least).squareRoot()
    case .cosine: hasDirections(place) ? squared / 2 : 1
    default: squared
    }
  }

  /// Writes the gradient of the embeddings, given that of the distances, `[rows, rows]`, which is
  /// used up.
  ///
  /// dD / dx_i = k (x_i - x_j), with k = 1 / D for the Euclidean distance, 2 for its square, and 1
  /// on unit vectors for the cosine.
  func pull(by slopes: FloatBuffer, gradient: FloatBuffer) {
    let root = Self.least.squareRoot()
    for i in 0..<rows {
      for j in 0...i {
        let (one, other) = (i * rows + j, j * rows + i)
        let sum = i == j ? 0 : slopes.start[one] + slopes.start[other]
        let factor: Float =
          switch distance {
          // Where D^2 is held at its least value, D does not change with the embeddings.
          case .euclidean: distances.start[one] > root ? 1 / distances.start[one] : 0
          case .cosine: hasDirections(one) ? 1 : 0
          default: 2
          }
        slopes.start[one] = sum == 0 ? 0 : sum * factor
        slopes.start[other] = slopes.start[one]
      }
    }
    ckernels_pull_rows(rows, length, slopes.start, points.start, gradient.start)
    guard let lengths else { return }
    ckernels_unit_rows_backward(rows, length, points.start, lengths.start, gradient.start)
  }
}

import Foundation

/// A loss over triplets of a batch: an anchor a, another sample p of the same identity, and a
/// sample n of another identity. With x = D(a, p) - D(a, n), a term is max(margin + x, 0), or ln(1
/// + e^x) if soft.
package struct TripletLoss: LossKind {
  package static let name = "triplet"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The triplets that are used.
  let mining: TripletMining
  /// The required difference of the two distances; defaults to 0.2.
  let margin: Float?
  /// Whether the term is ln(1 + e^x), which has no margin; defaults to false.
  let soft: Bool?
  /// The distance; L1 is not supported.
  ///
  /// Defaults to squared Euclidean for semi-hard, as in FaceNet, and to Euclidean otherwise, as in
  /// Hermans and others.
  let givenDistance: Distance?

  /// Creates a loss over triplets.
  ///
  /// - Parameters:
  ///   - mining: the triplets that are used.
  ///   - margin: the required difference of the two distances.
  ///   - soft: whether the term is ln(1 + e^x).
  ///   - distance: the distance.
  package init(
    mining: TripletMining, margin: Float? = nil, soft: Bool? = nil, distance: Distance? = nil
  ) {
    self.mining = mining
    self.margin = margin
    self.soft = soft
    givenDistance = distance
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case mining, margin, soft
    case givenDistance = "distance"
  }

  var targets: LossTargets { .groups }
  var distance: Distance? { distanceOrDefault }

  var distanceOrDefault: Distance {
    givenDistance ?? (mining == .semiHard ? .squaredEuclidean : .euclidean)
  }

  var isSoft: Bool { soft ?? false }

  package var valueOfConstantEmbedding: Float? { isSoft ? log(2) : margin ?? 0.2 }

  /// Throws if an option is invalid.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func check() throws(NeuralError) {
    func refuse(_ reason: String) -> NeuralError { .badOption(what: "triplet", reason: reason) }
    guard margin ?? 0.2 > 0, (margin ?? 0.2).isFinite else {
      throw refuse("margin must be more than 0")
    }
    guard givenDistance != .l1 else {
      throw refuse("distance must be euclidean, squared-euclidean or cosine")
    }
    guard isSoft else { return }
    guard margin == nil else { throw refuse("soft has no margin, so leave margin out") }
    guard mining != .semiHard else {
      throw refuse("semi-hard needs its margin, so leave soft out or take batch-hard or all")
    }
  }

  /// Computes the loss of a batch.
  ///
  /// An anchor is ignored if the batch has no other sample of its identity or no sample of another
  /// identity. The loss is 0 if no triplet is left. Among equal distances the first sample is used.
  ///
  /// - Parameters:
  ///   - embeddings: `[rows, length]`.
  ///   - length: the length of an embedding.
  ///   - identities: the identity of each row; may be shorter than rows, the remaining rows are
  ///     ignored.
  ///   - gradient: receives the gradient, `[rows, length]`.
  /// - Returns: the loss, 0 or more, and the fraction of the terms that are greater than 0.
  func evaluate(
    _ embeddings: FloatBuffer, length: Int, identities: [Int], gradient: FloatBuffer
  ) -> LossValue {
    let rows = identities.count
    precondition(rows * length <= embeddings.count, "\(rows) identities for fewer rows")
    gradient.start.update(repeating: 0, count: gradient.count)
    let matrix = DistanceMatrix(
      embeddings, rows: rows, length: length, distance: distanceOrDefault)
    var miner = TripletMiner(
      mining, margin: margin ?? 0.2, isSoft: isSoft, identities: identities,
      distances: matrix.distances)
    let value = miner.mine()
    matrix.accumulateGradient(of: miner.distanceGradients, into: gradient)
    return value
  }
}

extension TripletLoss {
  func makeFunction(_ context: LossContext) throws(NeuralError) -> any LossFunction {
    TripletFunction(loss: self)
  }
}

/// A loss over triplets during training.
private final class TripletFunction: LossFunction {
  private let loss: TripletLoss

  init(loss: TripletLoss) { self.loss = loss }

  func evaluate(
    _ embeddings: FloatBuffer, length: Int, labels: LossLabels, gradient: FloatBuffer
  ) -> LossValue {
    loss.evaluate(
      embeddings, length: length, identities: labels.identities, gradient: gradient)
  }
}

extension Loss {
  /// A loss over triplets of a batch.
  package static func triplet(_ loss: TripletLoss) -> Loss { .init(loss) }
}

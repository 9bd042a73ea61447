/// A loss over triplets of a batch: an anchor a, another sample p of its identity, and a sample n of
/// another; x = D(a, p) - D(a, n), and a term is max(margin + x, 0), or ln(1 + e^x) when soft.
package struct TripletLoss: LossKind {
  static let name = "triplet"
  static var optionNames: [String] { CodingKeys.allCases.map(\.rawValue) }

  /// Which triplets are looked at.
  let mining: TripletMining
  /// How much farther the unlike has to be, in units of the distance; 0.2 unless given.
  let margin: Float?
  /// Whether the term is ln(1 + e^x), which has no margin; no unless given.
  let soft: Bool?
  /// The distance, not L1; unless given squared Euclidean for semi-hard, as FaceNet has it, and
  /// Euclidean else, as Hermans and others have it.
  let givenDistance: Distance?

  /// A loss over triplets.
  ///
  /// - Parameters:
  ///   - mining: which triplets are looked at.
  ///   - margin: how much farther the unlike has to be.
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

  /// Refuses options without meaning.
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
  func makeFunction(
    length: Int, classes: Int, seed: Int
  ) throws(NeuralError) -> any LossFunction { TripletFunction(loss: self) }
}

/// A loss over triplets, as a step computes it.
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

import Foundation

/// Finds the triplets of a batch and sums their terms.
struct TripletMiner {
  /// The gradient of the loss with respect to each distance, `[anchor, other]`.
  let distanceGradients: FloatBuffer
  private let mining: TripletMining
  private let isSoft: Bool
  private let margin: Float
  private let identities: [Int]
  private let rows: Int
  private let distances: UnsafeMutablePointer<Float>
  private let owner: FloatBuffer
  private var sum = 0.0
  private var terms = 0
  private var active = 0

  init(
    _ mining: TripletMining, margin: Float, isSoft: Bool, identities: [Int],
    distances: FloatBuffer
  ) {
    self.mining = mining
    self.margin = margin
    self.isSoft = isSoft
    self.identities = identities
    rows = identities.count
    owner = distances
    self.distances = distances.start
    distanceGradients = FloatBuffer(count: rows * rows)
  }

  /// Returns the loss and writes `distanceGradients`.
  mutating func mine() -> LossValue {
    for anchor in 0..<rows {
      let like = (0..<rows).filter { $0 != anchor && identities[$0] == identities[anchor] }
      let unlike = (0..<rows).filter { identities[$0] != identities[anchor] }
      guard !like.isEmpty, !unlike.isEmpty else { continue }
      switch mining {
      case .all:
        for positive in like {
          for negative in unlike { add(anchor, positive, negative) }
        }
      case .semiHard:
        for positive in like {
          add(anchor, positive, semiHard(anchor, positive, unlike))
        }
      case .batchHard:
        add(anchor, farthest(anchor, like), nearest(anchor, unlike))
      }
    }
    guard terms > 0 else { return LossValue(data: 0, activeFraction: 0) }
    // The mean over all triplets excludes terms of 0.
    let count = mining == .all ? max(active, 1) : terms
    let scale = 1 / Float(count)
    for place in 0..<distanceGradients.count { distanceGradients.start[place] *= scale }
    return LossValue(
      data: Float(sum / Double(count)), activeFraction: Float(active) / Float(terms))
  }

  private func nearest(_ anchor: Int, _ others: [Int]) -> Int {
    let row = distances + anchor * rows
    return others.dropFirst().reduce(others[0]) { row[$1] < row[$0] ? $1 : $0 }
  }

  private func farthest(_ anchor: Int, _ others: [Int]) -> Int {
    let row = distances + anchor * rows
    return others.dropFirst().reduce(others[0]) { row[$1] > row[$0] ? $1 : $0 }
  }

  /// TensorFlow uses the nearest sample beyond the positive, within the margin or not.
  ///
  /// If none is within the margin, the term is 0 in both cases.
  private func semiHard(_ anchor: Int, _ positive: Int, _ unlike: [Int]) -> Int {
    let row = distances + anchor * rows
    var best: Int?
    for negative in unlike
    where row[negative] > row[positive] && row[negative] < row[positive] + margin
      && (best.map { row[negative] < row[$0] } ?? true)
    {
      best = negative
    }
    return best ?? farthest(anchor, unlike)
  }

  private mutating func add(_ anchor: Int, _ positive: Int, _ negative: Int) {
    let start = anchor * rows
    let gap = distances[start + positive] - distances[start + negative]
    terms += 1
    let gradient: Float
    if isSoft {
      // Both forms are safe from overflow: the exponent is never above 0.
      let decay = exp(-abs(gap))
      sum += Double(max(gap, 0) + log1p(decay))
      gradient = (gap > 0 ? 1 : decay) / (1 + decay)
    } else {
      let term = margin + gap
      // NaN must propagate to the sum.
      guard !(term <= 0) else { return }
      sum += Double(term)
      gradient = 1
    }
    active += 1
    distanceGradients.start[start + positive] += gradient
    distanceGradients.start[start + negative] -= gradient
  }
}

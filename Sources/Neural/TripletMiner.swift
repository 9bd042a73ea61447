import Foundation

/// Finds the triplets of a batch and sums their terms.
struct TripletMiner {
  /// The gradient of the loss by each distance, `[anchor, other]`.
  let slopes: FloatBuffer
  private let loss: TripletLoss
  private let margin: Float
  private let identities: [Int]
  private let rows: Int
  private let distances: UnsafeMutablePointer<Float>
  private let owner: FloatBuffer
  private var sum = 0.0
  private var terms = 0
  private var active = 0

  init(_ loss: TripletLoss, identities: [Int], distances: FloatBuffer) {
    self.loss = loss
    self.identities = identities
    margin = loss.margin ?? 0.2
    rows = identities.count
    owner = distances
    self.distances = distances.start
    slopes = FloatBuffer(count: rows * rows)
  }

  /// The loss; the slopes are written beside.
  mutating func mine() -> LossValue {
    for anchor in 0..<rows {
      let like = (0..<rows).filter { $0 != anchor && identities[$0] == identities[anchor] }
      let unlike = (0..<rows).filter { identities[$0] != identities[anchor] }
      guard !like.isEmpty, !unlike.isEmpty else { continue }
      switch loss.mining {
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
    // Terms of 0 would only thin the mean over all triplets out.
    let count = loss.mining == .all ? max(active, 1) : terms
    let share = 1 / Float(count)
    for place in 0..<slopes.count { slopes.start[place] *= share }
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

  /// TensorFlow takes the nearest beyond the positive, within the margin or not; where none is
  /// within, the term is 0 either way.
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
    let slope: Float
    if loss.isSoft {
      // Neither form overflows: the exponent is never above 0.
      let decay = exp(-abs(gap))
      sum += Double(max(gap, 0) + log1p(decay))
      slope = (gap > 0 ? 1 : decay) / (1 + decay)
    } else {
      let term = margin + gap
      // What is no number has to reach the sum.
      guard !(term <= 0) else { return }
      sum += Double(term)
      slope = 1
    }
    active += 1
    slopes.start[start + positive] += slope
    slopes.start[start + negative] -= slope
  }
}

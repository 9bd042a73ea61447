import Foundation
import Randomness
import Testing

@testable import Neural

/// The formulas of the sources in double precision, by plain enumeration.
private struct TripletReference {
  let loss: TripletLoss
  let distance: Distance
  let length: Int
  let identities: [Int]

  private func distance(_ x: [Double], _ i: Int, _ j: Int) -> Double {
    let (a, b) = (x[i * length..<(i + 1) * length], x[j * length..<(j + 1) * length])
    let squared = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    switch distance {
    case .euclidean: return max(squared, 1e-7).squareRoot()
    case .squaredEuclidean: return squared
    case .l1: return .nan
    case .cosine:
      func norm(_ x: ArraySlice<Double>) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      guard norm(a) > 0, norm(b) > 0 else { return 1 }
      return 1 - zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (norm(a) * norm(b))
    }
  }

  func value(_ x: [Double]) -> (loss: Double, active: Double) {
    let margin = Double(loss.margin ?? 0.2)
    func term(_ gap: Double) -> Double { loss.isSoft ? log(1 + exp(gap)) : max(margin + gap, 0) }
    var terms: [Double] = []
    for a in identities.indices {
      let near = identities.indices.filter { $0 != a && identities[$0] == identities[a] }
        .map { distance(x, a, $0) }
      let far = identities.indices.filter { identities[$0] != identities[a] }
        .map { distance(x, a, $0) }
      guard let farthest = near.max(), let nearest = far.min(), let last = far.max() else {
        continue
      }
      switch loss.mining {
      case .all: terms += near.flatMap { p in far.map { term(p - $0) } }
      case .batchHard: terms.append(term(farthest - nearest))
      // TensorFlow Addons, triplet_semihard_loss: the nearest beyond the positive, within the margin
      // or not, else the farthest.
      case .semiHard: terms += near.map { p in term(p - (far.filter { $0 > p }.min() ?? last)) }
      }
    }
    let active = terms.filter { $0 > 0 }
    guard !active.isEmpty else { return (0, 0) }
    let count = loss.mining == .all ? active.count : terms.count
    return (
      terms.reduce(0, +) / Double(count), Double(active.count) / Double(terms.count)
    )
  }
}

@Suite("A loss over triplets")
struct TripletLossTests {
  private static let losses: [TripletLoss] =
    [Distance.euclidean, .squaredEuclidean, .cosine].flatMap { distance in
      TripletMining.allCases.flatMap { mining in
        [Float(0.05), 0.2, 1].map {
          TripletLoss(mining: mining, margin: $0, distance: distance)
        }
      } + [.all, .batchHard].map { TripletLoss(mining: $0, soft: true, distance: distance) }
    }

  /// P x K, in turn, of every size, with anchors that have none of their like, and one row alone.
  private static let layouts: [[Int]] = [
    [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], [0, 1, 2, 0, 1, 2, 0, 1, 2], [5, 3, 3, 9, 5, 3, 7],
  ]

  private func embeddings(_ rows: Int, _ length: Int, seed: Int) -> [Float] {
    var random = RandomStream(seed: seed, "embeddings")
    return (0..<rows * length).map { _ in Float(random.normal() * 0.4) }
  }

  // Coordinates and gradients are of size 1, so that single precision over sums of some tens of terms
  // errs by some 1e-6; the central difference itself by less than 1e-8.
  @Test("has the value and the gradient of its formula", arguments: losses, layouts)
  func agrees(loss: TripletLoss, identities: [Int]) {
    let length = 5
    // Rows behind the last identity count for nothing.
    let values = embeddings(identities.count + 2, length, seed: identities.count)
    let reference = TripletReference(
      loss: loss, distance: loss.distanceOrDefault, length: length, identities: identities)
    let gradient = FloatBuffer([Float](repeating: 7, count: values.count))
    let found = loss.evaluate(
      FloatBuffer(values), length: length, identities: identities, gradient: gradient)
    let double = values.map(Double.init)
    let expected = reference.value(double)
    #expect(abs(Double(found.data) - expected.loss) < 2e-6)
    #expect(abs(Double(found.activeFraction ?? -1) - expected.active) < 1e-6)
    for place in values.indices {
      var (above, below) = (double, double)
      above[place] += 1e-6
      below[place] -= 1e-6
      let slope = (reference.value(above).loss - reference.value(below).loss) / 2e-6
      #expect(abs(slope - Double(gradient.values[place])) < 2e-5, "\(place)")
    }
  }

  // Points on a line, worked out by hand: 0 and 1 of one person, 1.5 and 4 of another.
  @Test("of four points on a line is what one finds by hand")
  func byHand() {
    func value(_ loss: TripletLoss) -> LossValue {
      loss.evaluate(
        FloatBuffer([0, 1, 1.5, 4]), length: 1, identities: [0, 0, 1, 1],
        gradient: FloatBuffer(count: 4))
    }
    // 1 + 1 - 1.5, 1 + 1 - 0.5, 1 + 2.5 - 0.5, 1 + 2.5 - 3.
    let hard = value(TripletLoss(mining: .batchHard, margin: 1))
    #expect(abs(hard.data - 5.5 / 4) < 1e-6 && hard.activeFraction == 1)
    // 2 + 1 - 2.25; 2 + 1 - 9 < 0; 2 + 6.25 - 2.25; 2 + 6.25 - 16 < 0.
    let semiHard = value(TripletLoss(mining: .semiHard, margin: 2))
    #expect(abs(semiHard.data - 6.75 / 4) < 1e-6 && semiHard.activeFraction == 0.5)
    // Of eight triplets 1 + 1 - 1.5, 1 + 1 - 0.5, 1 + 2.5 - 1.5, 1 + 2.5 - 0.5, and 1 + 2.5 - 3 are
    // more than 0; 1 + 1 - 4, 1 + 1 - 3 and 1 + 2.5 - 4 are not.
    let all = value(TripletLoss(mining: .all, margin: 1))
    #expect(abs(all.data - 7.5 / 5) < 1e-6 && all.activeFraction == 0.625)
  }

  @Test("stays a number with equal embeddings, ties and embeddings of 0", arguments: losses)
  func ties(loss: TripletLoss) {
    let (identities, length) = ([0, 0, 0, 1, 1, 1, 2, 2], 3)
    let rows: [[Float]] = [
      [1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0], [0, 0, 1],
    ]
    let values = rows.flatMap { $0 }
    let gradient = FloatBuffer(count: values.count)
    let found = loss.evaluate(
      FloatBuffer(values), length: length, identities: identities, gradient: gradient)
    let expected = TripletReference(
      loss: loss, distance: loss.distanceOrDefault, length: length, identities: identities
    ).value(values.map(Double.init))
    #expect(abs(Double(found.data) - expected.loss) < 2e-6)
    #expect(gradient.values.allSatisfy { $0.isFinite })
    guard loss.distanceOrDefault != .cosine else { return }
    // Moving all points together changes no distance.
    for column in 0..<length {
      let sum = rows.indices.reduce(Float(0)) { $0 + gradient.values[$1 * length + column] }
      #expect(abs(sum) < 1e-5)
    }
  }

  // RECIPES, 6.2: how a collapse shows.
  @Test("of collapsed embeddings is ln 2 when soft, else the margin, without a slope")
  func collapsed() {
    for loss in Self.losses {
      let gradient = FloatBuffer(count: 24)
      let found = loss.evaluate(
        FloatBuffer([Float](repeating: 0.3, count: 24)), length: 4,
        identities: [0, 0, 0, 1, 1, 1], gradient: gradient)
      let expected = loss.isSoft ? log(2) : loss.margin ?? .nan
      #expect(abs(found.data - expected) < 1e-6)
      #expect(gradient.values.allSatisfy { $0 == 0 })
    }
  }

  @Test("of distances beyond the range of exp is the gap itself")
  func farApart() {
    // The farthest of their like are 1000 and 998 away, the nearest of the others 1.
    let gradient = FloatBuffer(count: 4)
    let found = TripletLoss(mining: .batchHard, soft: true).evaluate(
      FloatBuffer([0, 1_000, 1, 999]), length: 1, identities: [0, 0, 1, 1], gradient: gradient)
    // (999 + 999 + 997 + 997) / 4
    #expect(abs(found.data - 998) < 1e-3 && gradient.values.allSatisfy { $0.isFinite })
  }

  @Test("is 0 where a batch has no triplet, and no number where an embedding is none")
  func nothing() {
    for loss in Self.losses {
      let gradient = FloatBuffer([1, 1, 1])
      let none = loss.evaluate(
        FloatBuffer([1, 2, 3]), length: 1, identities: [0, 1, 2], gradient: gradient)
      #expect(none.data == 0 && none.activeFraction == 0 && gradient.values == [0, 0, 0])
      let broken = loss.evaluate(
        FloatBuffer([1, .nan, 3, 4]), length: 1, identities: [0, 0, 1, 1],
        gradient: FloatBuffer(count: 4))
      #expect(!broken.data.isFinite)
    }
  }

  @Test("is of the distance its source has unless told, and refuses what has no meaning")
  func options() throws {
    #expect(TripletLoss(mining: .semiHard).distanceOrDefault == .squaredEuclidean)
    #expect(TripletLoss(mining: .batchHard).distanceOrDefault == .euclidean)
    #expect(TripletLoss(mining: .all).distanceOrDefault == .euclidean)
    for loss in Self.losses { try loss.check() }
    for loss in [
      TripletLoss(mining: .all, margin: 0), TripletLoss(mining: .all, margin: .infinity),
      TripletLoss(mining: .all, distance: .l1), TripletLoss(mining: .semiHard, soft: true),
      TripletLoss(mining: .batchHard, margin: 0.2, soft: true),
    ] {
      #expect(throws: NeuralError.self) { try loss.check() }
    }
  }
}

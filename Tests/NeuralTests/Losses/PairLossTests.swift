import Foundation
import Randomness
import Testing

@testable import Neural

@Suite("A loss over pairs")
struct PairLossTests {
  private static let losses: [any PairDistanceLoss] =
    ContrastiveLoss.Form.allCases.flatMap { form in
      [Float(0.6), 1, 2].map { ContrastiveLoss(margin: $0, form: form) }
    } + [ContrastiveLoss(margin: 1), CosineEmbeddingLoss(), CosineEmbeddingLoss(margin: 0.3)]
    + Distance.allCases.flatMap { distance in
      ContrastiveLoss.Form.allCases.map { form in
        ContrastiveLoss(margin: 1.5, form: form, givenDistance: distance)
      }
    }

  /// The formulas of the sources, one pair at a time, in double precision.
  private func value(_ loss: any PairDistanceLoss, _ a: [Double], _ b: [Double], _ isGenuine: Bool)
    -> Double
  {
    let squared = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let y = isGenuine ? 1.0 : 0.0
    switch loss {
    case let loss as ContrastiveLoss:
      let m = Double(loss.margin)
      if let given = loss.givenDistance { return value(loss, distance(given, a, b), m, y) }
      let d = max(squared, 1e-7).squareRoot()
      let keras = y * d * d + (1 - y) * pow(max(m - d, 0), 2)
      switch loss.form ?? .keras {
      case .keras: return keras
      case .hadsell: return keras / 2
      case .squaredHinge: return y * squared + (1 - y) * max(m - squared, 0)
      case .exponential:
        let e = zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) }
        return y * 2 / m * e * e + (1 - y) * 2 * m * exp(-2.77 * e / m)
      }
    case let loss as CosineEmbeddingLoss:
      func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      let cosine = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (norm(a) * norm(b))
      return y * (1 - cosine) + (1 - y) * max(cosine - Double(loss.margin ?? 0), 0)
    default: return .nan
    }
  }

  private func distance(_ distance: Distance, _ a: [Double], _ b: [Double]) -> Double {
    let squared = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return switch distance {
    case .euclidean: max(squared, 1e-7).squareRoot()
    case .squaredEuclidean: squared
    case .l1: zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) }
    case .cosine: 1 - zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (norm(a) * norm(b))
    }
  }

  /// The forms as functions of a distance.
  private func value(_ loss: ContrastiveLoss, _ d: Double, _ m: Double, _ y: Double) -> Double {
    switch loss.form ?? .keras {
    case .keras: y * d * d + (1 - y) * pow(max(m - d, 0), 2)
    case .hadsell: (y * d * d + (1 - y) * pow(max(m - d, 0), 2)) / 2
    case .squaredHinge: y * d + (1 - y) * max(m - d, 0)
    case .exponential: y * 2 / m * d * d + (1 - y) * 2 * m * exp(-2.77 * d / m)
    }
  }

  @Test("has the value and the gradient of its formula", arguments: losses)
  func agrees(loss: any PairDistanceLoss) {
    let (half, length) = (7, 5)
    let genuine = [true, false, true, false, false, true]
    var random = RandomStream(seed: 1, "embeddings")
    var values = (0..<2 * half * length).map { _ in Float(random.normal() * 0.4) }
    // One pair far beyond any margin.
    for index in 0..<length { values[3 * length + index] += 3 }
    func total(_ values: [Double]) -> Double {
      genuine.enumerated().reduce(0) { sum, pair in
        let (left, right) = (pair.offset * length, (half + pair.offset) * length)
        return sum
          + value(
            loss, Array(values[left..<left + length]), Array(values[right..<right + length]),
            pair.element)
      } / Double(genuine.count)
    }
    let gradient = FloatBuffer(count: values.count)
    let found = loss.evaluate(
      FloatBuffer(values), length: length, genuine: genuine, gradient: gradient)
    let double = values.map(Double.init)
    #expect(abs(Double(found) - total(double)) < 2e-6)
    for place in values.indices {
      var (above, below) = (double, double)
      above[place] += 1e-6
      below[place] -= 1e-6
      let expected = (total(above) - total(below)) / 2e-6
      #expect(abs(expected - Double(gradient.values[place])) < 2e-5, "\(place)")
    }
  }

  @Test("has no gradient where two embeddings are equal, and stays a number", arguments: losses)
  func equal(loss: any PairDistanceLoss) {
    for value: Float in [0, 0.5] {
      let embeddings = FloatBuffer([Float](repeating: value, count: 8))
      let gradient = FloatBuffer(count: 8)
      for isGenuine in [true, false] {
        let found = loss.evaluate(
          embeddings, length: 4, genuine: [isGenuine], gradient: gradient)
        #expect(found.isFinite)
        #expect(gradient.values.allSatisfy { abs($0) < 1e-6 })
      }
    }
  }

  // RECIPES, test vectors 5: constant embeddings on balanced pairs.
  @Test("of constant embeddings on balanced pairs is the baseline of its form")
  func baselines() {
    let embeddings = FloatBuffer([Float](repeating: 0.3, count: 16))
    let gradient = FloatBuffer(count: 16)
    func loss(_ form: ContrastiveLoss.Form) -> Float {
      ContrastiveLoss(margin: 2, form: form).evaluate(
        embeddings, length: 4, genuine: [true, false], gradient: gradient)
    }
    #expect(abs(loss(.squaredHinge) - 1) < 1e-6)  // Q / 2
    #expect(abs(loss(.keras) - 2) < 1e-3)  // m^2 / 2
    #expect(abs(loss(.hadsell) - 1) < 1e-3)  // m^2 / 4
  }

  // RECIPES, test vectors 7.
  @Test("and its distance: d^2 is 2 - 2 cos on unit vectors")
  func distances() {
    var random = RandomStream(seed: 2, "unit")
    for _ in 0..<50 {
      func unit() -> [Float] {
        let values = (0..<6).map { _ in random.normal() }
        let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { Float($0 / norm) }
      }
      let (a, b) = (unit(), unit())
      let cosine = Distance.cosine.between(a, b, length: 6)
      #expect(abs(Distance.squaredEuclidean.between(a, b, length: 6) - 2 * cosine) < 1e-6)
      let euclidean = Distance.euclidean.between(a, b, length: 6)
      #expect(abs(euclidean * euclidean - 2 * cosine) < 1e-6)
      let l1 = zip(a, b).reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) }
      #expect(abs(Distance.l1.between(a, b, length: 6) - l1) < 1e-12)
    }
  }

  @Test("refuses a margin without meaning")
  func refuses() {
    let losses: [any PairDistanceLoss] = [
      ContrastiveLoss(margin: 0), ContrastiveLoss(margin: .nan, form: .hadsell),
      CosineEmbeddingLoss(margin: 1),
    ]
    for loss in losses {
      #expect(throws: NeuralError.self) { try loss.check() }
    }
  }

  @Test("leaves an impostor pair within the cosine margin alone")
  func withinCosineMargin() {
    // A cosine of 0.2 under a margin of 0.3.
    let embeddings = FloatBuffer([1, 0, 0.2, Float(0.96).squareRoot()])
    let gradient = FloatBuffer([9, 9, 9, 9])
    let loss = CosineEmbeddingLoss(margin: 0.3).evaluate(
      embeddings, length: 2, genuine: [false], gradient: gradient)
    #expect(loss == 0 && gradient.values == [0, 0, 0, 0])
  }
}

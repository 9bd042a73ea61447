import Foundation
import Randomness
import Testing

@testable import Neural

@Suite("A softmax over classes with a margin")
struct MarginSoftmaxTests {
  private static let losses: [Loss] =
    ([
      (nil, nil, nil), (0, 64, nil), (0.1, 1, nil), (1.2, 16, nil), (0.3, 24, 0.1), (0.2, 4, 0.7),
    ] as [(Float?, Float?, Float?)]).flatMap { margin, scale, smoothing in
      let options = MarginSoftmaxOptions(margin: margin, scale: scale, smoothing: smoothing)
      return [Loss.arcFace(options), Loss.cosFace(options)]
    }

  private func makeHead(
    _ loss: Loss, classes: Int, length: Int, seed: Int
  ) throws -> ClassificationHead {
    try #require(loss.kind as? any SoftmaxLoss)
      .makeHead(classes: classes, length: length, seed: seed)
  }

  private func settings(_ loss: Loss) -> (margin: Double, scale: Double, smoothing: Double) {
    guard let kind = loss.kind as? any SoftmaxLoss else { return (.nan, .nan, .nan) }
    let options = kind.options
    return (
      Double(options.margin ?? (kind is ArcFaceLoss ? 0.5 : 0.35)), Double(options.scale ?? 64),
      Double(options.smoothing ?? 0)
    )
  }

  /// The formulas of the sources in double precision, with the angle itself.
  private func value(
    _ loss: Loss, _ x: [Double], _ w: [Double], _ labels: [Int], length: Int
  ) -> Double {
    let (margin, scale, smoothing) = settings(loss)
    func row(_ values: [Double], _ index: Int) -> ArraySlice<Double> {
      values[index * length..<(index + 1) * length]
    }
    func norm(_ x: ArraySlice<Double>) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let norms = (0..<w.count / length).map { norm(row(w, $0)) }
    let sum = labels.enumerated().reduce(0.0) { sum, label in
      let own = row(x, label.offset)
      let size = norm(own)
      let logits = norms.indices.map { index in
        let cosine = zip(own, row(w, index)).reduce(0) { $0 + $1.0 * $1.1 } / (size * norms[index])
        guard index == label.element else { return scale * cosine }
        guard loss.kind is ArcFaceLoss else { return scale * (cosine - margin) }
        let angle = acos(cosine)
        return scale
          * (angle + margin < .pi ? cos(angle + margin) : cosine - margin * sin(margin))
      }
      let largest = logits.max() ?? 0
      // The target is 1 - smoothing for the label, and smoothing spread over all classes.
      let aim =
        (1 - smoothing) * logits[label.element]
        + smoothing * logits.reduce(0, +) / Double(logits.count)
      return sum + largest + log(logits.reduce(0) { $0 + exp($1 - largest) }) - aim
    }
    return sum / Double(labels.count)
  }

  private func numbers(_ count: Int, _ purpose: String) -> [Float] {
    var random = RandomStream(seed: 3, purpose)
    return (0..<count).map { _ in Float(random.normal() * 0.7) }
  }

  // A cosine in single precision errs by some 1e-7; the scale makes that up to 1e-5 of a logit, of
  // the loss, and of each probability, which is a slope of the scale. The central difference errs by
  // less than 1e-6 at these scales.
  private func tolerance(_ loss: Loss) -> Double { 2e-6 + 4e-7 * settings(loss).scale }

  @Test("has the value and the gradients of its formula", arguments: losses)
  func agrees(loss: Loss) throws {
    _ = try Machine.start(threads: 2)
    let (length, classes, labels) = (5, 7, [0, 3, 3, 6, 1, 1])
    let head = try makeHead(loss, classes: classes, length: length, seed: 1)
    // Weights of size 1, as after some training, so that gradients by them are of size 1 as well.
    let weights = numbers(classes * length, "weights")
    head.parameters[0].values.replace(with: weights)
    // Two rows more than labels; one row nearly opposite to its class, where theta + m > pi.
    var values = numbers((labels.count + 2) * length, "embeddings")
    for index in 0..<length { values[index] = -weights[index] + 0.1 * values[index] }
    let gradient = FloatBuffer([Float](repeating: 7, count: values.count))
    let found = try head.evaluate(FloatBuffer(values), labels: labels, gradient: gradient)
    let (x, w) = (values.map(Double.init), weights.map(Double.init))
    let expected = value(loss, x, w, labels, length: length)
    #expect(abs(Double(found.data) - expected) < tolerance(loss))
    #expect(found.activeFraction == nil && found.decay == 0)
    func check(_ slope: Float, _ shifted: (Double) -> Double) {
      let expected = (shifted(1e-6) - shifted(-1e-6)) / 2e-6
      #expect(abs(Double(slope) - expected) < tolerance(loss) * max(1, abs(expected)))
    }
    for place in values.indices {
      check(gradient.values[place]) { step in
        var moved = x
        moved[place] += step
        return value(loss, moved, w, labels, length: length)
      }
    }
    for place in w.indices {
      check(head.parameters[0].gradient.values[place]) { step in
        var moved = w
        moved[place] += step
        return value(loss, x, moved, labels, length: length)
      }
    }
  }

  @Test(
    "has them with so many classes that several threads share them", arguments: losses.prefix(2))
  func many(loss: Loss) throws {
    _ = try Machine.start(threads: 2)
    let (length, classes, rows) = (8, 1_500, 16)
    let head = try makeHead(loss, classes: classes, length: length, seed: 1)
    let labels = (0..<rows).map { $0 * 91 }
    let values = numbers(rows * length, "embeddings")
    let gradient = FloatBuffer(count: values.count)
    let found = try head.evaluate(FloatBuffer(values), labels: labels, gradient: gradient)
    let weights = head.parameters[0].values.values
    let (x, w) = (values.map(Double.init), weights.map(Double.init))
    let expected = value(loss, x, w, labels, length: length)
    #expect(abs(Double(found.data) - expected) < tolerance(loss))
    for place in stride(from: 3, to: values.count, by: 25) {
      let slope = [1e-6, -1e-6].map { step in
        var moved = x
        moved[place] += step
        return value(loss, moved, w, labels, length: length)
      }
      let expected = (slope[0] - slope[1]) / 2e-6
      #expect(
        abs(Double(gradient.values[place]) - expected) < tolerance(loss) * max(1, abs(expected)))
    }
    // Normalised weights have no slope along themselves.
    for index in stride(from: 0, to: classes, by: 91) {
      let along = (0..<length).reduce(0.0) {
        let place = index * length + $1
        return $0 + Double(head.parameters[0].gradient.values[place]) * w[place]
      }
      #expect(abs(along) < 1e-5)
    }
  }

  @Test("without a margin is the cross-entropy of scaled cosines")
  func noMargin() throws {
    _ = try Machine.start(threads: 2)
    let (length, classes, labels) = (6, 9, [8, 0, 4, 4])
    let values = numbers(labels.count * length, "embeddings")
    let options = MarginSoftmaxOptions(margin: 0, scale: 20)
    var gradients: [[Float]] = []
    for loss: Loss in [.arcFace(options), .cosFace(options)] {
      let head = try makeHead(loss, classes: classes, length: length, seed: 2)
      let gradient = FloatBuffer(count: values.count)
      let found = try head.evaluate(FloatBuffer(values), labels: labels, gradient: gradient)
      let weights = head.parameters[0].values.values
      // -ln of the softmax, as the mean over rows of ln(sum of e^z / e^z of the label).
      let expected =
        labels.enumerated().reduce(0.0) { sum, label in
          let own = Array(values[label.offset * length..<(label.offset + 1) * length])
          let powers = (0..<classes).map { index in
            let other = Array(weights[index * length..<(index + 1) * length])
            return exp(20 * (1 - Distance.cosine.between(own, other, length: length)))
          }
          return sum + log(powers.reduce(0, +) / powers[label.element])
        } / Double(labels.count)
      #expect(abs(Double(found.data) - expected) < 1e-5)
      gradients.append(gradient.values)
    }
    #expect(zip(gradients[0], gradients[1]).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test("stays a number on its class, opposite to it, and at 0", arguments: losses)
  func extremes(loss: Loss) throws {
    let head = try makeHead(loss, classes: 3, length: 2, seed: 0)
    head.parameters[0].values.replace(with: [3, 0, 0, 0.5, 0, 0])
    let gradient = FloatBuffer(count: 12)
    let found = try head.evaluate(
      FloatBuffer([1, 0, -1, 0, 0, 0, 1e-30, 0, 0.3, 1e-5, 0, 5]), labels: [0, 0, 1, 1, 0, 2],
      gradient: gradient)
    #expect(found.data.isFinite && found.data >= 0)
    #expect(gradient.values.allSatisfy { $0.isFinite })
    #expect(head.parameters[0].gradient.values.allSatisfy { $0.isFinite })
    // An embedding of 0 has no direction to turn, a weight of 0 neither.
    #expect(gradient.values[4..<8].allSatisfy { $0 == 0 })
    #expect(head.parameters[0].gradient.values[4..<6].allSatisfy { $0 == 0 })
    let broken = try head.evaluate(
      FloatBuffer([.nan, 0]), labels: [1], gradient: FloatBuffer(count: 2))
    #expect(!broken.data.isFinite)
  }

  @Test("keeps the digits of a loss that is nearly nothing")
  func tiny() throws {
    let head = try makeHead(
      .cosFace(MarginSoftmaxOptions(margin: 0, scale: 10)), classes: 2, length: 2, seed: 0)
    head.parameters[0].values.replace(with: [1, 0, -1, 0])
    let found = try head.evaluate(
      FloatBuffer([1, 0]), labels: [0], gradient: FloatBuffer(count: 2))
    // Logits 10 and -10: ln(1 + e^-20).
    #expect(abs(Double(found.data) / log1p(exp(-20)) - 1) < 1e-5)
  }

  @Test("of embeddings of 0 follows from the margin alone")
  func zero() throws {
    let gradient = FloatBuffer(count: 4)
    func loss(_ loss: Loss) throws -> Double {
      let head = try makeHead(loss, classes: 5, length: 4, seed: 0)
      return Double(
        try head.evaluate(FloatBuffer(count: 4), labels: [2], gradient: gradient).data)
    }
    // All cosines are 0: four logits of 0 beside -64 x 0.35, or 64 cos(pi / 2 + 0.5).
    let cosFace = try loss(.cosFace(MarginSoftmaxOptions()))
    #expect(abs(cosFace - log(1 + 4 * exp(64 * 0.35))) < 1e-4)
    let arcFace = try loss(.arcFace(MarginSoftmaxOptions()))
    #expect(abs(arcFace - log(1 + 4 * exp(64 * sin(0.5)))) < 1e-4)
  }

  @Test("begins with normal weights of deviation 0.05, by name, and as the recipe says otherwise")
  func weights() throws {
    let head = try makeHead(
      .arcFace(MarginSoftmaxOptions(l2: 0.001)), classes: 400, length: 50, seed: 4)
    let kernel = try #require(head.parameters.first)
    #expect(kernel.name == "classes.kernel" && kernel.shape == [400, 50] && kernel.l2 == 0.001)
    let squares = kernel.values.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    // The variance of a mean of 20,000 squares is 2 sigma^4 / 20,000: five of its roots are 5 %.
    #expect(abs(squares / 20_000 / 0.0025 - 1) < 0.05)
    let ones = MarginSoftmaxOptions(kernelInitializer: .constant(value: 1))
    let other = try makeHead(.cosFace(ones), classes: 2, length: 2, seed: 4)
    #expect(other.parameters[0].values.values == [1, 1, 1, 1])
  }

  @Test("refuses what has no meaning")
  func refuses() {
    for loss: Loss in [
      .arcFace(MarginSoftmaxOptions(margin: -0.1)), .arcFace(MarginSoftmaxOptions(margin: 1.5)),
      .cosFace(MarginSoftmaxOptions(margin: 2)), .cosFace(MarginSoftmaxOptions(scale: 0)),
      .cosFace(MarginSoftmaxOptions(scale: .nan)), .arcFace(MarginSoftmaxOptions(l2: -1)),
    ] {
      #expect(throws: NeuralError.self) {
        try makeHead(loss, classes: 2, length: 2, seed: 0)
      }
    }
    #expect(throws: NeuralError.self) {
      try makeHead(
        .arcFace(MarginSoftmaxOptions()), classes: 1, length: 2, seed: 0)
    }
  }
}

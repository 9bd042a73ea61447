import Foundation
import Randomness
import Testing

@testable import Neural

@Suite("A softmax over classes with linear logits")
struct IdentificationLossTests {
  private func numbers(_ count: Int, _ purpose: String) -> [Float] {
    var random = RandomStream(seed: 4, purpose)
    return (0..<count).map { _ in Float(random.normal() * 0.7) }
  }

  /// -ln softmax(x W^T + b) in double precision, the mean over rows.
  private func value(
    _ x: [Double], _ w: [Double], _ b: [Double], _ labels: [Int], length: Int
  ) -> Double {
    labels.enumerated().reduce(0) { sum, label in
      let logits = b.indices.map { index in
        (0..<length).reduce(b[index]) {
          $0 + x[label.offset * length + $1] * w[index * length + $1]
        }
      }
      return sum + log(logits.reduce(0) { $0 + exp($1) }) - logits[label.element]
    } / Double(labels.count)
  }

  // Sums of some products in single precision err by less than 1e-6; the central difference by less.
  @Test("has the value and the gradients of its formula")
  func agrees() throws {
    _ = try Machine.start(threads: 2)
    let (length, classes, labels) = (5, 7, [6, 0, 3, 3])
    let head = try Loss.identification().makeFunction(length: length, classes: classes, seed: 1)
    let (kernel, bias) = (head.parameters[0], head.parameters[1])
    bias.values.replace(with: numbers(classes, "bias"))
    // One row more than there are labels: it counts for nothing.
    let values = numbers((labels.count + 1) * length, "embeddings")
    let gradient = FloatBuffer(count: values.count)
    let found = try head.evaluate(
      FloatBuffer(values), length: length, labels: .identities(labels), gradient: gradient)
    var parts = [values, kernel.values.values, bias.values.values].map { $0.map(Double.init) }
    func total() -> Double { value(parts[0], parts[1], parts[2], labels, length: length) }
    #expect(abs(Double(found.data) - total()) < 2e-6)
    let gradients = [gradient.values, kernel.gradient.values, bias.gradient.values]
    for (part, found) in gradients.enumerated() {
      for place in found.indices {
        let kept = parts[part][place]
        parts[part][place] = kept + 1e-5
        let above = total()
        parts[part][place] = kept - 1e-5
        let below = total()
        parts[part][place] = kept
        #expect(abs((above - below) / 2e-5 - Double(found[place])) < 2e-6, "\(part) \(place)")
      }
    }
  }

  @Test("stays finite with large logits, and NaN reaches the loss")
  func extremes() throws {
    let head = try Loss.identification().makeFunction(length: 1, classes: 2, seed: 0)
    head.parameters[0].values.replace(with: [1, -1])
    let gradient = FloatBuffer(count: 1)
    func loss(_ embedding: Float, _ label: Int) throws -> Float {
      try head.evaluate(
        FloatBuffer([embedding]), length: 1, labels: .identities([label]), gradient: gradient
      ).data
    }
    // Logits 500 and -500: 0 and 1,000.
    #expect(try loss(500, 0) == 0)
    #expect(try loss(500, 1) == 1_000)
    #expect(try loss(.nan, 0).isNaN)
  }

  @Test("refuses a single class and a negative weight decay")
  func refuses() {
    for (loss, classes) in [(Loss.identification(), 1), (.identification(l2: -1), 5)] {
      #expect(throws: NeuralError.self) {
        try loss.makeFunction(length: 3, classes: classes, seed: 0)
      }
    }
  }
}

import Foundation
import Randomness
import Testing

@testable import Neural

@Suite("The weighted difference head")
struct WeightedDifferenceHeadTests {
  private let half = 6
  private let length = 5
  private let genuine = [true, false, true, false, false]

  private func numbers(_ count: Int, _ purpose: String) -> [Float] {
    var random = RandomStream(seed: 9, purpose)
    return (0..<count).map { _ in Float(random.normal()) }
  }

  /// The formula of the source in double precision, the sigmoid written out.
  private func loss(_ embeddings: [Double], _ weights: [Double], _ bias: Double, double: Bool)
    -> Double
  {
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    return genuine.enumerated().reduce(0) { sum, pair in
      let logit = (0..<length).reduce(bias) {
        $0 + weights[$1]
          * abs(
            embeddings[pair.offset * length + $1] - embeddings[(half + pair.offset) * length + $1])
      }
      let p = sigmoid(double ? sigmoid(logit) : logit)
      return sum - (pair.element ? log(p) : log(1 - p))
    } / Double(genuine.count)
  }

  @Test("has the loss and the gradients of its formula", arguments: [false, true])
  func gradients(double: Bool) throws {
    _ = try Machine.start(threads: 2)
    let head = try WeightedDifferenceHead(length: length, seed: 1, isTrainable: true)
    head.parameters[1].values.replace(with: [0.3])
    let values = numbers(2 * half * length, "embeddings")
    let gradient = FloatBuffer(count: values.count)
    let found = head.crossEntropy(
      FloatBuffer(values), genuine: genuine, gradient: gradient, isDoubleSigmoid: double)
    let embeddings = values.map(Double.init)
    let weights = head.parameters[0].values.values.map(Double.init)
    let bias = Double(Float(0.3))
    #expect(abs(Double(found) - loss(embeddings, weights, bias, double: double)) < 1e-6)
    func check(_ gradient: Float, _ shifted: (Double) -> Double) {
      #expect(abs(Double(gradient) - (shifted(1e-6) - shifted(-1e-6)) / 2e-6) < 1e-5)
    }
    for place in values.indices {
      check(gradient.values[place]) { step in
        var moved = embeddings
        moved[place] += step
        return loss(moved, weights, bias, double: double)
      }
    }
    for place in 0..<length {
      check(head.parameters[0].gradient.values[place]) { step in
        var moved = weights
        moved[place] += step
        return loss(embeddings, moved, bias, double: double)
      }
    }
    check(head.parameters[1].gradient.values[0]) {
      loss(embeddings, weights, bias + $0, double: double)
    }
  }

  // RECIPES, test vectors 5: the floor of the double sigmoid on balanced pairs is 0.503204.
  @Test("can bring the loss to nothing, and with the double sigmoid to 0.5032 only")
  func floors() throws {
    let head = try WeightedDifferenceHead(length: 1, seed: 0, isTrainable: true)
    head.parameters[0].values.replace(with: [-200])
    head.parameters[1].values.replace(with: [100])
    // Equal for the genuine pair, one apart for the impostor pair: logits 100 and -100.
    let embeddings = FloatBuffer([0, 0, 0, 1])
    let gradient = FloatBuffer(count: 4)
    func loss(_ double: Bool) -> Float {
      head.crossEntropy(
        embeddings, genuine: [true, false], gradient: gradient, isDoubleSigmoid: double)
    }
    #expect(loss(false) < 1e-6)
    #expect(abs(loss(true) - 0.503204) < 1e-5)
    #expect(gradient.values.allSatisfy { $0.isFinite })
  }
}

import Foundation
import Randomness
import Testing

@testable import Neural

/// Heads and losses on their logits, beside formulas in double precision written out here.
@Suite("A head over two embeddings")
struct PairHeadTests {
  private let half = 6
  private let length = 5
  private let genuine = [true, false, true, false, false]

  private func embeddings(_ scale: Double = 1) -> [Float] {
    var random = RandomStream(seed: 3, "embeddings")
    return (0..<2 * half * length).map { _ in Float(scale * random.normal()) }
  }

  private func distance(_ distance: Distance, _ a: [Double], _ b: [Double]) -> Double {
    if distance == .euclidean {
      return max(zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }, 1e-7).squareRoot()
    }
    func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return 1 - zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (norm(a) * norm(b))
  }

  /// Compares the value and all gradients of a loss with those of `formula`, by finite differences.
  private func check(
    _ loss: Loss, _ head: any PairHead, _ values: [Float],
    _ formula: ([Double], [[Double]]) -> Double
  ) throws {
    let function = try loss.makeFunction(length: length, classes: 0, seed: 0, head: head)
    let gradient = FloatBuffer(count: values.count)
    let found = try function.evaluate(
      FloatBuffer(values), length: length, labels: .genuine(genuine), gradient: gradient)
    let (x, w) = (
      values.map(Double.init), head.parameters.map { $0.values.values.map(Double.init) }
    )
    #expect(abs(Double(found.data) - formula(x, w)) < 2e-6)
    for place in x.indices {
      var (above, below) = (x, x)
      above[place] += 1e-6
      below[place] -= 1e-6
      let expected = (formula(above, w) - formula(below, w)) / 2e-6
      #expect(abs(expected - Double(gradient.values[place])) < 2e-5, "embedding \(place)")
    }
    for (index, parameter) in head.parameters.enumerated() {
      for place in 0..<parameter.count {
        var (above, below) = (w, w)
        above[index][place] += 1e-6
        below[index][place] -= 1e-6
        let expected = (formula(x, above) - formula(x, below)) / 2e-6
        #expect(
          abs(expected - Double(parameter.gradient.values[place])) < 2e-5, "weight \(place)")
      }
    }
  }

  private func rows(_ x: [Double], _ pair: Int) -> (a: [Double], b: [Double]) {
    (
      Array(x[pair * length..<(pair + 1) * length]),
      Array(x[(half + pair) * length..<(half + pair + 1) * length])
    )
  }

  @Test(
    "of one weighted distance has the cross-entropy of its formula",
    arguments: [Distance.euclidean, .cosine])
  func weightedDistance(kind: Distance) throws {
    let head = try Head(WeightedDistance(distance: kind))
      .make(length: length, seed: 1, isTrainable: true)
    #expect(head.parameters.map(\.count) == [1, 1])
    head.parameters[1].values.replace(with: [0.4])
    try check(.binaryCrossEntropy(doubleSigmoid: nil), head, embeddings()) { x, w in
      genuine.enumerated().reduce(0) { sum, pair in
        let (a, b) = rows(x, pair.offset)
        let p = 1 / (1 + exp(-(w[1][0] + w[0][0] * distance(kind, a, b))))
        return sum - (pair.element ? log(p) : log(1 - p))
      } / Double(genuine.count)
    }
  }

  @Test("takes its own initial weights, bias and weight decay")
  func options() throws {
    var options = HeadOptions()
    options.kernelInitializer = .constant(value: 0.25)
    options.biasInitializer = .constant(value: -1)
    options.l2 = 0.5
    let head = try WeightedDifferenceHead(
      length: 3, seed: 0, isTrainable: true, options: options)
    #expect(head.parameters[0].values.values == [0.25, 0.25, 0.25])
    #expect(head.parameters[1].values.values == [-1])
    let decay = try Optimizer(.sgd(rate: 0.1, momentum: nil, nesterov: nil))
      .update(head.parameters, step: 0)
    #expect(decay == 3 * 0.5 * 0.0625)
    options.l2 = -1
    #expect(throws: NeuralError.self) {
      try WeightedDifferenceHead(length: 3, seed: 0, isTrainable: true, options: options)
    }
  }

  // RECIPES, test vectors 6: with a margin of 1 it is the mean squared error for every p in [0, 1].
  @Test("with the contrastive loss on its sigmoid has the mean squared error")
  func contrastiveOnSigmoid() throws {
    let head = try WeightedDifferenceHead(length: length, seed: 1, isTrainable: true)
    let loss = Loss.contrastive(margin: 1, form: nil, on: .sigmoid)
    try check(loss, head, embeddings()) { x, w in
      genuine.enumerated().reduce(0) { sum, pair in
        let (a, b) = rows(x, pair.offset)
        let logit = (0..<length).reduce(w[1][0]) { $0 + w[0][$1] * abs(a[$1] - b[$1]) }
        let p = 1 / (1 + exp(-logit))
        return sum + (p - (pair.element ? 1 : 0)) * (p - (pair.element ? 1 : 0))
      } / Double(genuine.count)
    }
    #expect(loss.needsHead && loss.distance == nil)
  }

  @Test("is asked for by a loss on logits")
  func isNeeded() {
    let loss = Loss.contrastive(margin: 1, form: nil, on: .sigmoid)
    #expect(throws: NeuralError.self) {
      try loss.makeFunction(length: 3, classes: 0, seed: 0)
    }
    #expect(throws: NeuralError.self) {
      try Loss.contrastive(margin: 1, form: nil, distance: .cosine, on: .sigmoid).check()
    }
  }
}

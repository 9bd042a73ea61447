import Foundation
import Randomness
import Testing

@testable import Neural

@Suite("The joint loss of identification and verification")
struct IdentificationVerificationTests {
  private let length = 4
  private let classes = 3
  private let identities = [0, 0, 1, 1, 2, 2, 2]

  /// The formulas of the source in double precision; genuine and impostor pairs weigh the same.
  private func value(
    _ x: [Double], _ kernel: [Double], _ bias: [Double], weight: Double, margin: Double
  ) -> Double {
    func row(_ index: Int) -> [Double] { Array(x[index * length..<(index + 1) * length]) }
    let softmax =
      identities.enumerated().reduce(0.0) { sum, item in
        let logits = (0..<classes).map { label in
          bias[label]
            + zip(row(item.offset), kernel[label * length..<(label + 1) * length])
            .reduce(0) { $0 + $1.0 * $1.1 }
        }
        return sum + log(logits.reduce(0) { $0 + exp($1) }) - logits[item.element]
      } / Double(identities.count)
    var (genuine, impostor): ([Double], [Double]) = ([], [])
    for one in identities.indices {
      for other in identities.indices where other > one {
        let squared = zip(row(one), row(other)).reduce(0) {
          $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
        }
        if identities[one] == identities[other] {
          genuine.append(squared / 2)
        } else {
          impostor.append(pow(max(margin - squared.squareRoot(), 0), 2) / 2)
        }
      }
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    return softmax + weight * (mean(genuine) + mean(impostor)) / 2
  }

  @Test("has the value and the gradients of its formula", arguments: [Float(0.05), 1.5])
  func agrees(weight: Float) throws {
    _ = try Machine.start(threads: 2)
    let loss = IdentificationVerificationLoss(weight: weight, margin: 2)
    let function = try Loss(loss).makeFunction(length: length, classes: classes, seed: 1)
    #expect(function.classes == classes)
    function.parameters[1].values.replace(with: [0.1, -0.2, 0.3])
    var random = RandomStream(seed: 4, "rows")
    let values = (0..<identities.count * length).map { _ in Float(random.normal() * 0.7) }
    let gradient = FloatBuffer(count: values.count)
    let found = try function.evaluate(
      FloatBuffer(values), length: length, labels: .identities(identities), gradient: gradient)
    let x = values.map(Double.init)
    let w = function.parameters.map { $0.values.values.map(Double.init) }
    func total(_ x: [Double], _ w: [[Double]]) -> Double {
      value(x, w[0], w[1], weight: Double(weight), margin: 2)
    }
    #expect(abs(Double(found.data) - total(x, w)) < 2e-6)
    for place in x.indices {
      var (above, below) = (x, x)
      above[place] += 1e-6
      below[place] -= 1e-6
      let expected = (total(above, w) - total(below, w)) / 2e-6
      #expect(abs(expected - Double(gradient.values[place])) < 2e-5, "\(place)")
    }
    for (index, parameter) in function.parameters.enumerated() {
      for place in 0..<parameter.count {
        var (above, below) = (w, w)
        above[index][place] += 1e-6
        below[index][place] -= 1e-6
        let expected = (total(x, above) - total(x, below)) / 2e-6
        #expect(abs(expected - Double(parameter.gradient.values[place])) < 2e-5)
      }
    }
  }
}

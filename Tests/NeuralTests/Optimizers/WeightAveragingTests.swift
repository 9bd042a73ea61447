import Foundation
import Testing

@testable import Neural

@Suite("An average of weights")
struct WeightAveragingTests {
  private struct Stop: Error {}

  private func parameters() -> [Parameter] {
    let parameters = [
      Parameter(name: "a", shape: [3, 5000]),
      Parameter(name: "b", shape: [2], isTrainable: false),
    ]
    for parameter in parameters { set(parameter, step: 0) }
    return parameters
  }

  private func set(_ parameter: Parameter, step: Int) {
    parameter.values.replace(
      with: (0..<parameter.count).map { Float(sin(Double($0 + 31 * step))) })
    parameter.change()
  }

  @Test("is d a + (1 - d) w with d = min(decay, (1 + t) / (10 + t)), running means too")
  func formula() throws {
    _ = try Machine.start(threads: 2)
    let weights = parameters()
    let averages = try AveragedWeights(WeightAveraging(decay: 0.4), of: weights)
    #expect(averages.parameters.map(\.name) == ["a", "b"])
    #expect(averages.parameters.map(\.shape) == [[3, 5000], [2]])
    var expected = weights.map { $0.values.values.map(Double.init) }
    for step in 1...12 {
      for weight in weights { set(weight, step: step) }
      averages.update(step: step)
      // 2 / 11, 3 / 12, 4 / 13, 5 / 14, 6 / 15, and then 0.4.
      let decay = min(Double(Float(0.4)), Double(1 + step) / Double(10 + step))
      for (place, weight) in weights.enumerated() {
        let values = weight.values.values
        for index in values.indices {
          expected[place][index] =
            decay * expected[place][index] + (1 - decay) * Double(values[index])
        }
      }
      for (average, expected) in zip(averages.parameters, expected) {
        #expect(zip(average.values.values, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 })
      }
    }
  }

  @Test("stands in for the weights, which come back, also after an error, and are noted as changed")
  func exchange() throws {
    let weights = parameters()
    let averages = try AveragedWeights(WeightAveraging(decay: 0.9), of: weights)
    for weight in weights { set(weight, step: 7) }
    averages.update(step: 1)
    let (now, mean) = (weights.map(\.values.values), averages.parameters.map(\.values.values))
    #expect(now != mean)
    let versions = weights.map(\.version)
    let seen = averages.whileUsed {
      #expect(zip(weights, versions).allSatisfy { $0.version > $1 })
      return weights.map(\.values.values)
    }
    #expect(seen == mean)
    #expect(throws: Stop.self) { try averages.whileUsed { throw Stop() } }
    #expect(weights.map(\.values.values) == now)
    #expect(averages.parameters.map(\.values.values) == mean)
    #expect(zip(weights, versions).allSatisfy { $0.version > $1 + 2 })
    averages.begin()
    #expect(averages.parameters.map(\.values.values) == now)
  }

  @Test("takes a decay in 0..<1 only", arguments: [-0.1, 1, 2, Float.nan])
  func refusals(decay: Float) {
    #expect(throws: NeuralError.self) {
      try AveragedWeights(WeightAveraging(decay: decay), of: parameters())
    }
  }
}

import Foundation
import Randomness
import Testing

@testable import Neural

@Suite("First weights")
struct InitializerTests {
  // 40,000 draws: five standard errors of a mean are 0.025 deviations, of a deviation 0.018.
  @Test(
    "have the mean and the spread of their distribution",
    arguments: [
      (Initializer.glorotUniform, 0, (2.0 / 500).squareRoot()),
      (.glorotNormal, 0, (2.0 / 500).squareRoot()), (.heUniform, 0, (2.0 / 300).squareRoot()),
      (.heNormal, 0, (2.0 / 300).squareRoot()), (.uniform(from: -1, to: 3), 1, 4 / 12.squareRoot()),
      (.normal(mean: 0.5, deviation: 0.01), 0.5, 0.01),
      // A normal distribution cut at two deviations has 0.8796 of its spread.
      (.truncatedNormal(mean: 0.5, deviation: 0.01), 0.5, 0.008796),
    ] as [(Initializer, Double, Double)])
  func moments(initializer: Initializer, mean: Double, deviation: Double) {
    var random = RandomStream(seed: 3, "weights")
    let values = initializer.values(count: 40_000, fanIn: 300, fanOut: 200, random: &random)
      .map(Double.init)
    let found = values.reduce(0, +) / 40_000
    let spread = (values.reduce(0) { $0 + ($1 - found) * ($1 - found) } / 40_000).squareRoot()
    #expect(abs(found - mean) < 0.025 * deviation)
    #expect(abs(spread / deviation - 1) < 0.018)
    var again = RandomStream(seed: 3, "weights")
    #expect(
      initializer.values(count: 40_000, fanIn: 300, fanOut: 200, random: &again).map(Double.init)
        == values)
  }

  @Test("keep within the limits they name")
  func limits() {
    var random = RandomStream(seed: 4, "weights")
    func values(_ initializer: Initializer) -> [Float] {
      initializer.values(count: 5_000, fanIn: 10, fanOut: 14, random: &random)
    }
    #expect(values(.glorotUniform).allSatisfy { abs($0) <= 0.5 })
    #expect(values(.truncatedNormal(mean: 0, deviation: 1)).allSatisfy { abs($0) <= 2 })
    #expect(values(.uniform(from: 2, to: 3)).allSatisfy { (2...3).contains($0) })
    #expect(Set(values(.constant(value: 0.25))) == [0.25])
    #expect(
      Initializer.identityAffine.values(count: 6, fanIn: 1, fanOut: 1, random: &random)
        == [1, 0, 0, 0, 1, 0])
  }
}

import Testing

@testable import Randomness

@Suite("A random stream")
struct RandomStreamTests {
  @Test("repeats with the same name and differs with any other")
  func names() {
    func draws(_ stream: RandomStream) -> [UInt64] {
      var stream = stream
      return (0..<4).map { _ in stream.next() }
    }
    let first = draws(RandomStream(seed: 1, "a", 2, 3))
    #expect(draws(RandomStream(seed: 1, "a", 2, 3)) == first)
    for other in [
      RandomStream(seed: 2, "a", 2, 3), RandomStream(seed: 1, "b", 2, 3),
      RandomStream(seed: 1, "a", 3, 2), RandomStream(seed: 1, "a", 2),
      RandomStream(seed: -1, "a", 2, 3),
    ] { #expect(draws(other) != first) }
  }

  @Test("has the moments of its distributions")
  func moments() {
    var stream = RandomStream(seed: 0, "moments")
    let count = 100_000
    let uniform = (0..<count).map { _ in stream.uniform() }
    #expect(uniform.allSatisfy { (0..<1).contains($0) })
    // Five standard errors: sqrt(1/12 / n) and sqrt(1 / n).
    #expect(abs(uniform.reduce(0, +) / Double(count) - 0.5) < 0.0046)
    let normal = (0..<count).map { _ in stream.normal() }
    #expect(abs(normal.reduce(0, +) / Double(count)) < 0.016)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / Double(count) - 1) < 0.023)
  }
}

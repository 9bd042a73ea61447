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

  @Test("draws two different numbers, every pair as likely")
  func two() {
    var stream = RandomStream(seed: 0, "two")
    var counts: [[Int]: Int] = [:]
    for _ in 0..<60_000 {
      let (first, second) = stream.two(below: 5)
      counts[[first, second], default: 0] += 1
    }
    #expect(counts.keys.allSatisfy { $0[0] != $0[1] })
    // 3,000 of each of 20 pairs: five standard deviations are 267.
    #expect(counts.count == 20 && counts.values.allSatisfy { abs($0 - 3_000) < 267 })
  }

  /// xoshiro256** as Blackman and Vigna publish it, from a state that SplitMix64 (Steele, Lea and
  /// Flood) makes of the key's words, each of them XORed into the state of the one before.
  @Test("is xoshiro256** from a state made by SplitMix64")
  func reference() {
    func splitMix(_ state: inout UInt64) -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
    var key: UInt64 = 7
    for word in Array("ab".utf8).map(UInt64.init) + [0x100, 3, 4] { key = splitMix(&key) ^ word }
    var s = (0..<4).map { _ in splitMix(&key) }
    func turn(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    var expected: [UInt64] = []
    for _ in 0..<8 {
      expected.append(turn(s[1] &* 5, 7) &* 9)
      let t = s[1] << 17
      s[2] ^= s[0]
      s[3] ^= s[1]
      s[1] ^= s[2]
      s[0] ^= s[3]
      s[2] ^= t
      s[3] = turn(s[3], 45)
    }
    var stream = RandomStream(seed: 7, "ab", 3, 4)
    #expect((0..<8).map { _ in stream.next() } == expected)
  }
}

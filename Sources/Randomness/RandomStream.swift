import Foundation

/// A stream of random numbers, determined by a seed and a list of keys.
///
/// Every random choice of this project uses such a stream. Its name and keys state the purpose and
/// the position in the run, so that any part of a run can be repeated separately. The generator is
/// xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// Creates the stream for `purpose` in the run with this seed, at the position given by the keys.
  public init(seed: Int, _ purpose: String, _ keys: Int...) {
    var mixer = SplitMix(state: UInt64(bitPattern: Int64(seed)))
    for byte in purpose.utf8 { mixer.absorb(UInt64(byte)) }
    // A separator, so that text and keys cannot be confused.
    mixer.absorb(0x100)
    for key in keys { mixer.absorb(UInt64(bitPattern: Int64(key))) }
    state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
  }

  /// Returns the next 64 random bits.
  public mutating func next() -> UInt64 {
    func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
      value << count | value >> (64 - count)
    }
    let result = rotated(state.1 &* 5, 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotated(state.3, 45)
    return result
  }

  /// Returns a number in `0..<bound`, uniformly distributed.
  ///
  /// - Precondition: `bound` is at least 1.
  public mutating func index(below bound: Int) -> Int {
    Int.random(in: 0..<bound, using: &self)
  }

  /// Returns two different numbers in `0..<bound`; all pairs are equally likely.
  ///
  /// - Precondition: `bound` is at least 2.
  public mutating func two(below bound: Int) -> (Int, Int) {
    let first = index(below: bound)
    let second = index(below: bound - 1)
    return (first, second < first ? second : second + 1)
  }

  /// Returns `count` different numbers in `0..<bound` in random order (Floyd's algorithm, then
  /// shuffled).
  ///
  /// - Precondition: `bound` is at least `count`.
  public mutating func distinct(_ count: Int, below bound: Int) -> [Int] {
    var chosen: Set<Int> = []
    chosen.reserveCapacity(count)
    var numbers: [Int] = []
    numbers.reserveCapacity(count)
    for top in bound - count..<bound {
      let draw = index(below: top + 1)
      let number = chosen.insert(draw).inserted ? draw : top
      chosen.insert(number)
      numbers.append(number)
    }
    return numbers.shuffled(using: &self)
  }

  /// Returns a number in [0, 1), uniformly distributed.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Returns a sample from the normal distribution with mean 0 and standard deviation 1 (Box and
  /// Muller).
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }
}

private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func absorb(_ value: UInt64) {
    state = next() ^ value
  }
}

/// Sorts many 32-bit scores.
enum ScoreSort {
  /// The scores in descending order, in double precision.
  ///
  /// Tens of millions take a second or two: three passes over 11 bits each.
  static func descending(_ scores: consuming [Float]) -> [Double] {
    guard scores.count > 100_000 else { return scores.sorted(by: >).map(Double.init) }
    var scratch = [Float](repeating: 0, count: scores.count)
    scores.withUnsafeMutableBufferPointer { first in
      scratch.withUnsafeMutableBufferPointer { second in
        pass(first, to: second, shift: 0)
        pass(second, to: first, shift: 11)
        pass(first, to: second, shift: 22)
      }
    }
    scores = []
    return scratch.map(Double.init)
  }

  /// Bits whose order as unsigned numbers is the descending order of the floats.
  private static func key(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    return bits >> 31 == 1 ? bits : ~(bits | 0x8000_0000)
  }

  /// One stable pass of a radix sort.
  private static func pass(
    _ source: UnsafeMutableBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>,
    shift: UInt32
  ) {
    var places = [Int](repeating: 0, count: 1 << 11)
    places.withUnsafeMutableBufferPointer { places in
      for value in source { places[Int(key(value) >> shift & 0x7FF)] += 1 }
      var next = 0
      for digit in places.indices {
        let count = places[digit]
        places[digit] = next
        next += count
      }
      for value in source {
        let digit = Int(key(value) >> shift & 0x7FF)
        target[places[digit]] = value
        places[digit] += 1
      }
    }
  }
}

extension ROC {
  /// Computes the curve of 32-bit scores in any order; `nil` unless there are both genuine and
  /// impostor ones.
  ///
  /// For 87.5 million scores it needs about 1 GB at the peak.
  public init?(genuineFloats genuine: consuming [Float], impostorFloats impostor: consuming [Float])
  {
    guard !genuine.isEmpty, !impostor.isEmpty else { return nil }
    self.init(
      sortedGenuine: ScoreSort.descending(genuine), sortedImpostor: ScoreSort.descending(impostor))
  }
}

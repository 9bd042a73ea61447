import Foundation

/// Computes a 64-bit perceptual hash and a thumbnail of a sample.
///
/// The hash compares 64 low frequencies of the discrete cosine transform of a 32 x 32 thumbnail,
/// without the first row and column, with their median. The arithmetic uses integers, so that the
/// hash is the same on every processor. Source: C. Zauner, "Implementation and benchmarking of
/// perceptual image hash functions", 2010, section 3.2.
///
/// A class because it keeps the weights of its resampler; each worker has its own.
package final class PerceptualHash {
  /// The side of the thumbnail.
  static let side = 32
  private static let frequencies = 8
  /// cos(pi u (2x + 1) / 64) with 14 fractional bits, `[frequency, position]`.
  ///
  /// The table has u in 1...8 and the first half of the positions. The other half is its mirror
  /// image with the sign (-1)^u.
  private static let cosines: [Int32] = (1...frequencies).flatMap { u in
    (0..<side / 2).map { x in
      Int32((cos(Double.pi * Double(u * (2 * x + 1)) / 64) * 16_384).rounded())
    }
  }

  private let resampler = Resampler(width: side, height: side, method: .bilinear)

  package init() {}

  /// Returns the thumbnail of a sample, `[32, 32]` in gray.
  package func thumbnail(_ sample: Image) -> [UInt8] {
    thumbnail(gray: sample.converted(to: .gray))
  }

  /// Returns the thumbnail of a gray image.
  func thumbnail(gray: Image) -> [UInt8] {
    guard case .success(let small) = resampler.resample(gray) else {
      return [UInt8](repeating: 0, count: Self.side * Self.side)
    }
    return small.pixels
  }

  /// Returns the hash of a thumbnail; the lowest bit is that of the lowest frequency.
  static func hash(_ thumbnail: [UInt8]) -> UInt64 {
    let values = transform(thumbnail)
    let sorted = values.sorted()
    // Twice the median, so that it is an integer.
    let median = sorted[31] + sorted[32]
    return values.enumerated().reduce(0) { hash, value in
      2 * value.element > median ? hash | 1 << UInt64(value.offset) : hash
    }
  }

  /// Returns the low frequencies, `[vertical frequency, horizontal frequency]`.
  private static func transform(_ thumbnail: [UInt8]) -> [Int64] {
    // 32 x 255 x 2^14 fits in 32 bits; the columns add 5 bits for the sum and 14 for the cosine.
    var rows = [Int64](repeating: 0, count: side * frequencies)
    for y in 0..<side {
      let line = thumbnail[y * side..<(y + 1) * side].map { Int32($0) }
      for (u, sum) in transform(line).enumerated() { rows[u * side + y] = Int64(sum) }
    }
    var values = [Int64](repeating: 0, count: frequencies * frequencies)
    for u in 0..<frequencies {
      let column = Array(rows[u * side..<(u + 1) * side])
      for (v, sum) in transform(column).enumerated() { values[v * frequencies + u] = sum }
    }
    return values
  }

  /// Returns the low frequencies of one line.
  private static func transform<Value: FixedWidthInteger>(_ line: [Value]) -> [Value] {
    let half = side / 2
    return withUnsafeTemporaryAllocation(of: Value.self, capacity: side) { folded in
      for x in 0..<half {
        folded[x] = line[x] &- line[side - 1 - x]
        folded[half + x] = line[x] &+ line[side - 1 - x]
      }
      return cosines.withUnsafeBufferPointer { cosines in
        (0..<frequencies).map { index in
          // Frequencies start at 1: the first one is odd, so its two halves have opposite signs.
          let start = index.isMultiple(of: 2) ? 0 : half
          var sum: Value = 0
          for x in 0..<half {
            sum &+= Value(truncatingIfNeeded: cosines[index * half + x]) &* folded[start + x]
          }
          return sum
        }
      }
    }
  }

  /// Returns Pearson's correlation of two thumbnails, in -1...1; 0 if one of them is uniform.
  package static func correlation(_ left: [UInt8], _ right: [UInt8]) -> Double {
    var (sumLeft, sumRight, squareLeft, squareRight, product) = (0, 0, 0, 0, 0)
    let count = min(left.count, right.count)
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        for index in 0..<count {
          let (a, b) = (Int(left[index]), Int(right[index]))
          sumLeft &+= a
          sumRight &+= b
          squareLeft &+= a &* a
          squareRight &+= b &* b
          product &+= a &* b
        }
      }
    }
    let (spreadLeft, spreadRight) = (
      count * squareLeft - sumLeft * sumLeft, count * squareRight - sumRight * sumRight
    )
    guard spreadLeft > 0, spreadRight > 0 else { return 0 }
    return Double(count * product - sumLeft * sumRight)
      / (Double(spreadLeft).squareRoot() * Double(spreadRight).squareRoot())
  }
}

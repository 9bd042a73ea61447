import Randomness

/// Plain double-precision references of what inputs are normalised by.
enum Plain {
  static func bytes(_ count: Int, seed: Int) -> [UInt8] {
    var random = RandomStream(seed: seed, "bytes of a test")
    return (0..<count).map { _ in UInt8(random.index(below: 256)) }
  }

  /// The larger of an error's size and another; what is no number is larger than all.
  static func larger(_ largest: Double, _ error: Double) -> Double {
    error.isFinite ? max(largest, abs(error)) : .infinity
  }

  static func largestError(
    _ values: some Collection<some BinaryFloatingPoint>, _ expected: [Double]
  ) -> Double {
    guard values.count == expected.count else { return .infinity }
    return zip(values, expected).reduce(0) { larger($0, Double($1.0) - $1.1) }
  }

  static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    var sum = 0.0
    for value in values { sum += (value - mean) * (value - mean) }
    return (mean, sum / Double(values.count))
  }

  /// The Gaussian-weighted mean around every pixel, straight from the two-dimensional window.
  static func smooth(
    _ plane: [Double], height: Int, width: Int, taps: [Double], before: Int
  ) -> [Double] {
    func nearest(_ index: Int, _ count: Int) -> Int { max(0, min(index, count - 1)) }
    return (0..<height * width).map { place in
      let (y, x) = place.quotientAndRemainder(dividingBy: width)
      var sum = 0.0
      for (i, one) in taps.enumerated() {
        for (j, other) in taps.enumerated() {
          let row = nearest(y + i - before, height)
          sum += one * other * plane[row * width + nearest(x + j - before, width)]
        }
      }
      return sum
    }
  }

  /// Solves `matrix` x = `right` for every column of `right` (Gauss and Jordan).
  static func solve(_ matrix: [[Double]], _ right: [[Double]]) -> [[Double]] {
    var rows = zip(matrix, right).map { $0 + $1 }
    let n = rows.count
    for column in 0..<n {
      let pivot = (column..<n).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
      rows.swapAt(column, pivot)
      let factor = rows[column][column]
      rows[column] = rows[column].map { $0 / factor }
      for row in 0..<n where row != column {
        let share = rows[row][column]
        rows[row] = zip(rows[row], rows[column]).map { $0 - share * $1 }
      }
    }
    return rows.map { Array($0.dropFirst(n)) }
  }

  static func product(_ left: [[Double]], _ right: [[Double]]) -> [[Double]] {
    left.map { row in
      right[0].indices.map { column in
        var sum = 0.0
        for (index, value) in row.enumerated() { sum += value * right[index][column] }
        return sum
      }
    }
  }
}

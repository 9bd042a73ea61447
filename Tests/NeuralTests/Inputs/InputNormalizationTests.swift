import Foundation
import Randomness
import Testing

@testable import Neural

@Suite("A normalisation of inputs")
struct InputNormalizationTests {
  private func statistics(
    _ kind: InputNormalization, _ input: ActivationShape, _ bytes: [UInt8], parts: [Int]? = nil
  ) throws -> InputStatistics {
    let fit = try NormalizationFit(kind, input: input)
    for _ in 0..<fit.passes {
      var row = 0
      for rows in parts ?? [bytes.count / input.count] {
        bytes.withUnsafeBufferPointer { bytes in
          if let start = bytes.baseAddress { fit.add(start + row * input.count, rows: rows) }
        }
        row += rows
      }
      fit.endPass()
    }
    return try fit.statistics()
  }

  private func normalized(
    _ kind: InputNormalization, _ input: ActivationShape, _ bytes: [UInt8],
    _ statistics: InputStatistics = .none
  ) throws -> [Float] {
    let rows = bytes.count / input.count
    let normalizer = try InputNormalizer(kind, input: input, rows: rows, statistics: statistics)
    let target = FloatBuffer(count: bytes.count)
    normalizer.normalize(bytes, rows: rows, to: target.start)
    // Augmented samples come as floats; they must not be treated otherwise.
    let again = FloatBuffer(bytes.map(Float.init))
    normalizer.normalize(again.start, rows: rows)
    #expect(again.values == target.values)
    return target.values
  }

  private func image(_ height: Int, _ width: Int, _ channels: Int) -> ActivationShape {
    .image(height: height, width: width, channels: channels)
  }

  private let every = (0...255).map { UInt8($0) }

  @Test("by unit divides by 255, to the bits of a product with 1 / 255")
  func unit() throws {
    let values = try normalized(.unit, image(16, 16, 1), every)
    #expect(values == every.map { Float($0) * (1 / 255) })
    #expect(values.first == 0 && values.last == 1)
  }

  @Test("by fixed-symmetric goes from -1 to 1")
  func fixedSymmetric() throws {
    let values = try normalized(.fixedSymmetric, image(16, 16, 1), every)
    #expect(values.first == -1 && values.last == 1)
    let expected = every.map { Double($0) / 127.5 - 1 }
    #expect(Plain.largestError(values, expected) < 1e-7)
  }

  // RECIPES, section 10, number 9: the source writes the result into bytes again, where only the
  // extremes are left of a picture.
  @Test("by symmetric takes each picture's own extremes to -1 and 1")
  func symmetric() throws {
    let size = 9 * 7 * 3
    let bright = Plain.bytes(size, seed: 1).map { 100 + $0 / 2 }
    let dark = Plain.bytes(size, seed: 2).map { $0 / 3 }
    let flat = [UInt8](repeating: 77, count: size)
    let values = try normalized(.symmetric, image(9, 7, 3), bright + flat + dark)
    for (first, bytes) in [(0, bright), (2 * size, dark)] {
      let part = values[first..<first + size]
      #expect(part.min() == -1 && part.max() == 1)
      #expect(Set(part).count > 50)
      let (low, high) = (Double(bytes.min() ?? 0), Double(bytes.max() ?? 0))
      let expected = bytes.map { 2 * (Double($0) - low) / (high - low) - 1 }
      #expect(Plain.largestError(part, expected) < 1e-6)
    }
    #expect(values[size..<2 * size].allSatisfy { $0 == 0 })
  }

  @Test("by standardize has the moments of each channel")
  func standardize() throws {
    var bytes = Plain.bytes(40 * 30, seed: 3)
    // The second channel is always the same.
    for index in stride(from: 1, to: bytes.count, by: 3) { bytes[index] = 200 }
    let shape = image(5, 2, 3)
    let found = try statistics(.standardize, shape, bytes)
    for channel in 0..<3 {
      let values = stride(from: channel, to: bytes.count, by: 3).map { Double(bytes[$0]) }
      let (mean, variance) = Plain.moments(values)
      #expect(abs(Double(found.mean[channel]) - mean) < 1e-5)
      #expect(abs(Double(found.deviation[channel]) - variance.squareRoot()) < 1e-5)
    }
    let other = Plain.bytes(30, seed: 4)
    for (index, value) in try normalized(.standardize, shape, other, found).enumerated() {
      let channel = index % 3
      let (mean, deviation) = (Double(found.mean[channel]), Double(found.deviation[channel]))
      let expected = channel == 1 ? 0 : (Double(other[index]) - mean) / deviation
      #expect(abs(Double(value) - expected) < 1e-5)
    }
  }

  @Test("by lcn has the taps of its source when faithful")
  func faithfulTaps() {
    let window = LocalContrastWindow(side: 64, isFaithful: true, divides: true)
    // RECIPES, section 1.6, and what is left of twelve when SciPy puts the middle half a pixel on.
    let half = [0.03928, 0.05697, 0.07671, 0.09589, 0.11127, 0.11987]
    for (tap, expected) in zip(window.weights, half + half.reversed()) {
      #expect(abs(Double(tap) - expected) < 5e-6)
    }
    #expect(window.weights.count == 12 && window.before == 5)
  }

  @Test("by lcn has a middle", arguments: [(64, 13), (105, 23), (46, 11), (8, 5), (40, 7)])
  func oddTaps(side: Int, taps: Int) {
    let window = LocalContrastWindow(side: side, isFaithful: false, divides: true)
    // 40 / 16 is 2.5: Python rounds it to 2.
    let sigma = side == 40 ? 2 : max(1, (Double(side) / 16).rounded())
    #expect(window.weights.count == taps && window.before == taps / 2)
    #expect(abs(window.weights.reduce(0, +) - 1) < 1e-6)
    for (index, weight) in window.weights.enumerated() {
      let x = Double(index - taps / 2)
      let ratio = exp(-x * x / (2 * sigma * sigma))
      #expect(abs(Double(weight / window.weights[taps / 2]) - ratio) < 1e-6)
    }
  }

  @Test(
    "by lcn is that of the two-dimensional window",
    arguments: [true, false], [true, false])
  func localContrast(isFaithful: Bool, divides: Bool) throws {
    let (height, width, channels) = (41, 33, 3)
    let shape = image(height, width, channels)
    let kind = InputNormalization.localContrast(.init(faithful: isFaithful), divides: divides)
    let found = try statistics(kind, shape, Plain.bytes(3 * shape.count, seed: 5))
    #expect(found.mean.count == 1 && found.whitening.isEmpty)
    let bytes = Plain.bytes(2 * shape.count, seed: 6)
    let values = try normalized(kind, shape, bytes, found)
    // A sixteenth of 33, rounded.
    let sigma = 2.0
    let places: [Double] =
      isFaithful ? [-3, -1.8, -0.6, 0.6, 1.8, 3] : [-3, -2, -1, 0, 1, 2, 3]
    let weights: [Double] = places.map { exp(-$0 * $0 / (2 * sigma * sigma)) }
    let taps = weights.map { $0 / weights.reduce(0, +) }
    let before = isFaithful ? 2 : 3
    let pixels = height * width
    var largest = 0.0
    for row in 0..<2 {
      let (globalMean, globalDeviation) = (Double(found.mean[0]), Double(found.deviation[0]))
      let picture = bytes[row * shape.count..<(row + 1) * shape.count]
      let x: [Double] = picture.map { (Double($0) - globalMean) / globalDeviation }
      func means(_ x: [Double]) -> [Double] {
        (0..<pixels).map { pixel in x[pixel * 3..<pixel * 3 + 3].reduce(0, +) / 3 }
      }
      func smooth(_ x: [Double]) -> [Double] {
        Plain.smooth(means(x), height: height, width: width, taps: taps, before: before)
      }
      let mean = smooth(x)
      let centered: [Double] = x.indices.map { x[$0] - mean[$0 / channels] }
      let variance = smooth(centered.map { $0 * $0 })
      for index in x.indices {
        let deviation = divides ? variance[index / channels].squareRoot() + 0.1 : 1
        let error = Double(values[row * shape.count + index]) - centered[index] / deviation
        largest = Plain.larger(largest, error)
      }
    }
    #expect(largest < 2e-5)
  }

  @Test("by zca has the covariance C - 0.1 over C, and a symmetric matrix")
  func zca() throws {
    let (shape, n, count) = (image(4, 3, 2), 24, 90)
    // Neighbours are alike, as in pictures; feature 7 is always the same.
    var random = RandomStream(seed: 7, "features")
    var bytes: [UInt8] = []
    for _ in 0..<count {
      var value = 128.0
      for feature in 0..<n {
        value = 0.8 * value + 25 + 20 * random.normal()
        bytes.append(feature == 7 ? 9 : UInt8(max(0, min(255, value))))
      }
    }
    let found = try statistics(.zca, shape, bytes, parts: [64, 26])
    func column(_ feature: Int) -> [Double] {
      (0..<count).map { Double(bytes[$0 * n + feature]) }
    }
    let standard: [[Double]] = (0..<n).map { feature in
      let values = column(feature)
      let (mean, variance) = Plain.moments(values)
      let deviation = variance.squareRoot() + 1e-8
      return values.map { ($0 - mean) / deviation }
    }
    func covariance(_ features: [[Double]]) -> [[Double]] {
      features.map { one in
        features.map { other in
          var sum = 0.0
          for (x, y) in zip(one, other) { sum += x * y }
          return sum / Double(count)
        }
      }
    }
    let plain = covariance(standard)
    var ridged = plain
    for feature in 0..<n { ridged[feature][feature] += 0.1 }

    let values = try normalized(.zca, shape, bytes, found)
    let columns: [[Double]] = (0..<n).map { feature in
      (0..<count).map { Double(values[$0 * n + feature]) }
    }
    let whitened = covariance(columns)
    // W A W with W = C^(-1/2) and A = C - 0.1 commutes to C^-1 A.
    let expected = Plain.solve(ridged, plain)
    let matrix: [[Double]] = (0..<n).map { row in
      found.whitening[row * n..<(row + 1) * n].map(Double.init)
    }
    let unit = Plain.product(Plain.product(matrix, ridged), matrix)
    let one = (0..<n).map { row in (0..<n).map { $0 == row ? 1.0 : 0 } }
    for row in 0..<n {
      #expect(Plain.largestError(whitened[row], expected[row]) < 1e-4)
      #expect(Plain.largestError(unit[row], one[row]) < 1e-5)
      #expect(matrix[row] == matrix.map { $0[row] })
    }
    // Of the symmetric roots of C^-1 that with positive eigenvalues.
    for _ in 0..<50 {
      let x = (0..<n).map { _ in [random.normal()] }
      #expect(Plain.product([x.map { $0[0] }], Plain.product(matrix, x))[0][0] > 0)
    }
    // What was always the same says nothing of a picture where it is not.
    var other = Array(bytes[..<n])
    other[7] = 250
    // One picture by itself is multiplied in another order than among many.
    for (one, value) in zip(try normalized(.zca, shape, other, found), values) {
      #expect(abs(one - value) <= 1e-5 * max(1, abs(value)))
    }
  }

  @Test("by zca refuses more features than it can take, and says how many it can")
  func cap() throws {
    _ = try NormalizationFit(.zca, input: image(64, 64, 1))
    do throws(NeuralError) {
      _ = try NormalizationFit(.zca, input: image(64, 65, 1))
      Issue.record("it was taken")
    } catch {
      guard case .badOption("normalization", let reason) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(reason.contains("4096") && reason.contains("64x65x1") && reason.contains("4160"))
    }
  }

  @Test("refuses statistics of another one")
  func foreign() throws {
    let shape = image(4, 4, 3)
    let bytes = Plain.bytes(10 * shape.count, seed: 8)
    let found = try statistics(.standardize, shape, bytes)
    #expect(InputStatistics(tensors: found.tensors) == found)
    for kind in [InputNormalization.unit, .zca, .localContrast(.init(), divides: true)] {
      #expect(throws: NeuralError.self) { try normalized(kind, shape, bytes, found) }
    }
    #expect(throws: NeuralError.self) { try normalized(.standardize, shape, bytes, .none) }
    #expect(throws: NeuralError.self) {
      try normalized(.standardize, image(4, 4, 1), bytes, found)
    }
  }

  @Test("gives the same bits whatever the order of images")
  func order() throws {
    let shape = image(20, 20, 1)
    let bytes = Plain.bytes(60 * shape.count, seed: 9)
    let turned = (0..<60).reversed().flatMap { bytes[$0 * shape.count..<($0 + 1) * shape.count] }
    for kind in [
      InputNormalization.unit, .symmetric, .fixedSymmetric, .standardize,
      .localContrast(.init(), divides: true), .localContrast(.init(faithful: true), divides: false),
    ] {
      let found = try statistics(kind, shape, bytes)
      #expect(try statistics(kind, shape, turned, parts: [7, 53]) == found)
    }
  }
}

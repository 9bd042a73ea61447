import Testing

@testable import Imaging

/// Brightness, contrast and sharpness against their definitions in double precision.
@Suite("The quality of an image")
struct ImageQualityTests {
  static let sizes = [(1, 1), (2, 9), (3, 3), (8, 8), (17, 5), (105, 105), (33, 64)]

  @Test("follows its definition", arguments: 0..<sizes.count, [0, 1, 2])
  func definition(size: Int, kind: Int) {
    let (width, height) = Self.sizes[size]
    let pixels: [UInt8] = (0..<width * height).map { place in
      switch kind {
      case 0: 200
      // A checkerboard has the greatest Laplacian.
      case 1: (place / width + place % width).isMultiple(of: 2) ? 255 : 0
      default: UInt8(truncatingIfNeeded: place &* place &* 31 &+ place)
      }
    }
    let quality = ImageQuality(
      gray: Image(width: width, height: height, channels: 1, pixels: pixels))
    func value(_ y: Int, _ x: Int) -> Double { Double(pixels[y * width + x]) }
    func variance(_ values: [Double]) -> Double {
      guard !values.isEmpty else { return 0 }
      let mean = values.reduce(0, +) / Double(values.count)
      return values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)
    }
    let all = pixels.map(Double.init)
    var laplacian: [Double] = []
    for y in 1..<max(height - 1, 1) {
      for x in 1..<max(width - 1, 1) {
        laplacian.append(
          value(y - 1, x) + value(y + 1, x) + value(y, x - 1) + value(y, x + 1) - 4 * value(y, x))
      }
    }
    #expect(abs(quality.brightness - all.reduce(0, +) / Double(all.count)) < 1e-9)
    #expect(abs(quality.contrast - variance(all).squareRoot()) < 1e-9)
    let sharpness = variance(laplacian)
    #expect(abs(quality.sharpness - sharpness) <= 1e-12 * max(1, sharpness))
  }

  @Test("counts a line longer than its sums hold at once")
  func longLine() {
    let (width, height) = (10_001, 3)
    let pixels = (0..<width * height).map { UInt8($0.isMultiple(of: 2) ? 255 : 0) }
    let quality = ImageQuality(
      gray: Image(width: width, height: height, channels: 1, pixels: pixels))
    // Each inner pixel differs by 255 from all four neighbours.
    #expect(abs(quality.contrast - 127.5) < 0.01)
    #expect(abs(quality.sharpness - 1_020 * 1_020) < 1)
  }
}

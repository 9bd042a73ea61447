import Foundation

/// A gray image on which shapes are painted with soft edges; values are in 0...1.
struct Canvas {
  let width: Int
  let height: Int
  private var values: [Double]

  init(width: Int, height: Int, tone: Double) {
    self.width = width
    self.height = height
    values = [Double](repeating: tone, count: width * height)
  }

  /// Blends `tone(x, y)` into each pixel with the weight `cover(x, y)` in 0...1; coordinates are
  /// pixels.
  mutating func paint(
    _ cover: (Double, Double) -> Double, tone: (Double, Double) -> Double
  ) {
    for y in 0..<height {
      for x in 0..<width {
        let fraction = min(1, max(0, cover(Double(x), Double(y))))
        guard fraction > 0 else { continue }
        let at = y * width + x
        values[at] += fraction * (tone(Double(x), Double(y)) - values[at])
      }
    }
  }

  /// Returns the image as bytes after applying `change` to each value.
  func bytes(_ change: (Double, Int, Int) -> Double) -> [UInt8] {
    values.indices.map { at in
      let value = change(values[at], at % width, at / width)
      return UInt8(min(255, max(0, (value * 255).rounded())))
    }
  }
}

/// The fraction of a pixel that an ellipse covers, with an edge about one pixel wide.
struct Ellipse {
  let x: Double
  let y: Double
  let across: Double
  let down: Double

  func cover(_ px: Double, _ py: Double) -> Double {
    let distance = (pow((px - x) / across, 2) + pow((py - y) / down, 2)).squareRoot()
    return 0.5 + (1 - distance) * min(across, down)
  }
}

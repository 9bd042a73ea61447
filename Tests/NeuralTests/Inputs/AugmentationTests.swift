import Foundation
import Randomness
import Testing

@testable import Neural

@Suite("An augmentation")
struct AugmentationTests {
  /// Pictures of random bytes, and what is made of them.
  private struct Pictures {
    let height: Int
    let width: Int
    let channels: Int
    let bytes: [UInt8]

    init(rows: Int = 1, _ height: Int, _ width: Int, _ channels: Int) {
      (self.height, self.width, self.channels) = (height, width, channels)
      var random = RandomStream(seed: 1, "pictures of a test")
      bytes = (0..<rows * height * width * channels).map { _ in UInt8(random.index(below: 256)) }
    }

    var shape: ActivationShape { .image(height: height, width: width, channels: channels) }

    func warped(
      _ transform: ImageTransform, gain: Double = 1, offset: Double = 0,
      border: AugmentationStep.Border = .reflect
    ) throws -> [Float] {
      var options = AugmentationStep.ShiftOptions(pixels: 0)
      options.border = border
      let augmenter = try Augmenter([.shift(options)], input: shape)
      let change = Augmenter.Change(transform: transform, gain: gain, offset: offset)
      let rows = bytes.count / shape.count
      let target = FloatBuffer(count: bytes.count)
      augmenter.warp(bytes, by: Array(repeating: change, count: rows), to: target.start)
      return target.values
    }

    /// The values that come from the pixels at `place` of row, column.
    func taken(_ place: (_ y: Int, _ x: Int) -> (y: Int, x: Int)) -> [Float] {
      (0..<height).flatMap { y in
        (0..<width).flatMap { x in
          let from = place(y, x)
          return (0..<channels).map { Float(bytes[(from.y * width + from.x) * channels + $0]) }
        }
      }
    }
  }

  /// The index that mirroring about the outermost pixels leads to, one step after the other.
  private static func mirrored(_ index: Int, _ count: Int) -> Int {
    var index = index
    while !(0..<count).contains(index) { index = index < 0 ? -index : 2 * (count - 1) - index }
    return index
  }

  private static func nearest(_ index: Int, _ count: Int) -> Int {
    max(0, min(index, count - 1))
  }

  @Test(
    "that changes nothing gives every pixel as it is",
    arguments: [(7, 5, 3), (1, 1, 1), (1, 9, 3), (20, 130, 1)])
  func identity(height: Int, width: Int, channels: Int) throws {
    let pictures = Pictures(height, width, channels)
    for border in AugmentationStep.Border.allCases {
      #expect(
        try pictures.warped(.identity, border: border) == pictures.bytes.map(Float.init))
    }
  }

  @Test(
    "that erases fills one rectangle inside of the image and nothing else",
    arguments: [(7, 5, 3), (12, 31, 1), (1, 1, 1)])
  func erases(height: Int, width: Int, channels: Int) throws {
    let pictures = Pictures(rows: 3, height, width, channels)
    let augmenter = try Augmenter([], input: pictures.shape)
    var random = RandomStream(seed: 4, "erasures")
    for _ in 0..<200 {
      let erasures = (0..<3).map { _ in
        Augmenter.Erasure(
          area: random.uniform(), aspect: exp(2.4 * random.uniform() - 1.2), x: random.uniform(),
          y: random.uniform(), value: -1)
      }
      let target = FloatBuffer(count: pictures.bytes.count)
      augmenter.warp(
        pictures.bytes, by: erasures.map { Augmenter.Change(erasure: $0) }, to: target.start)
      for (row, erasure) in erasures.enumerated() {
        let first = row * pictures.shape.count
        let found = Array(target.values[first..<first + pictures.shape.count])
        let pixels = (0..<height * width).filter { found[$0 * channels] == -1 }
        for pixel in 0..<height * width {
          let own = found[pixel * channels..<(pixel + 1) * channels]
          let bytes = pictures.bytes[first + pixel * channels..<first + (pixel + 1) * channels]
          #expect(
            pixels.contains(pixel)
              ? own.allSatisfy { $0 == -1 } : own.elementsEqual(bytes.map(Float.init)))
        }
        // The sides by formula; longer ones end at the border.
        let area = erasure.area * Double(height * width)
        let (across, down) = (
          min(width, Int((area * erasure.aspect).squareRoot().rounded())),
          min(height, Int((area / erasure.aspect).squareRoot().rounded()))
        )
        #expect(pixels.count == across * down)
        let (columns, rows) = (Set(pixels.map { $0 % width }), Set(pixels.map { $0 / width }))
        #expect(columns.count * rows.count == pixels.count)
        #expect((columns.max() ?? 0) - (columns.min() ?? 1) + 1 == columns.count)
        #expect((rows.max() ?? 0) - (rows.min() ?? 1) + 1 == rows.count)
      }
    }
  }

  @Test(
    "mirrors images left to right, in place",
    arguments: [(7, 5, 3), (4, 8, 1), (2, 1, 3), (90, 80, 3)])
  func mirrors(height: Int, width: Int, channels: Int) throws {
    _ = try Machine.start(threads: 2)
    let pictures = Pictures(rows: 2, height, width, channels)
    var found = pictures.bytes
    found.withUnsafeMutableBufferPointer { bytes in
      if let start = bytes.baseAddress { pictures.shape.mirror(start, rows: 2) }
    }
    for row in 0..<2 * height {
      for x in 0..<width {
        for c in 0..<channels {
          let (own, other) = (
            (row * width + x) * channels + c, (row * width + width - 1 - x) * channels + c
          )
          #expect(found[own] == pictures.bytes[other])
        }
      }
    }
  }

  @Test(
    "that shifts by whole pixels moves them, and mirrors or repeats the border",
    arguments: [(2, -1), (-3, 2), (0, 40), (-61, 0)])
  func shift(dx: Int, dy: Int) throws {
    let pictures = Pictures(11, 14, 3)
    let moved = ImageTransform.translation(x: Double(dx), y: Double(dy))
    #expect(
      try pictures.warped(moved)
        == pictures.taken { (Self.mirrored($0 - dy, 11), Self.mirrored($1 - dx, 14)) })
    #expect(
      try pictures.warped(moved, border: .replicate)
        == pictures.taken { (Self.nearest($0 - dy, 11), Self.nearest($1 - dx, 14)) })
  }

  @Test("that turns a square by 90 degrees to the left puts its right side on top")
  func quarterTurn() throws {
    let pictures = Pictures(13, 13, 3)
    #expect(
      try pictures.warped(.rotation(degrees: 90)) == pictures.taken { y, x in (x, 12 - y) })
    #expect(
      try pictures.warped(.rotation(degrees: -90)) == pictures.taken { y, x in (12 - x, y) })
    #expect(
      try pictures.warped(.rotation(degrees: 180)) == pictures.taken { y, x in (12 - y, 12 - x) })
  }

  @Test("that flips changes left and right, and only them")
  func flip() throws {
    let pictures = Pictures(6, 9, 3)
    #expect(try pictures.warped(.flip) == pictures.taken { y, x in (y, 8 - x) })
  }

  @Test("that enlarges twice shows each pixel of the middle at every other place")
  func zoom() throws {
    let pictures = Pictures(9, 9, 1)
    let values = try pictures.warped(.scale(x: 2, y: 2))
    for y in stride(from: 0, to: 9, by: 2) {
      for x in stride(from: 0, to: 9, by: 2) {
        #expect(values[y * 9 + x] == Float(pictures.bytes[(2 + y / 2) * 9 + 2 + x / 2]))
      }
    }
  }

  @Test("is one affine map, read bilinearly, as a plain reference has it")
  func composition() throws {
    typealias Matrix = [[Double]]
    func product(_ left: Matrix, _ right: Matrix) -> Matrix {
      (0..<3).map { row in
        (0..<3).map { column in (0..<3).reduce(0) { $0 + left[row][$1] * right[$1][column] } }
      }
    }
    var random = RandomStream(seed: 2, "maps of a test")
    for (height, width, channels) in [(19, 15, 3), (12, 90, 1)] {
      let pictures = Pictures(height, width, channels)
      for _ in 0..<8 {
        func draw(_ most: Double) -> Double { most * (2 * random.uniform() - 1) }
        let (angle, sx, sy) = (draw(40), 1 + draw(0.3), 1 + draw(0.3))
        let (hx, hy, tx, ty) = (draw(0.3), draw(0.3), draw(8), draw(8))
        let (gain, offset) = (1 + draw(0.4), draw(30))
        let transform = ImageTransform.scale(x: sx, y: sy).then(.shear(x: hx, y: hy)).then(.flip)
          .then(.rotation(degrees: angle)).then(.translation(x: tx, y: ty))
        let radians = angle * .pi / 180
        let whole = [
          [[sx, 0, 0], [0, sy, 0], [0, 0, 1]], [[1, hx, 0], [hy, 1, 0], [0, 0, 1]],
          [[-1, 0, 0], [0, 1, 0], [0, 0, 1]],
          [
            [cos(radians), sin(radians), 0], [-sin(radians), cos(radians), 0], [0, 0, 1],
          ], [[1, 0, tx], [0, 1, ty], [0, 0, 1]],
        ].reduce([[1, 0, 0], [0, 1, 0], [0, 0, 1]]) { product($1, $0) }
        let values = try pictures.warped(transform, gain: gain, offset: offset)
        let (mx, my) = (Double(width - 1) / 2, Double(height - 1) / 2)
        var largest = 0.0
        let determinant = whole[0][0] * whole[1][1] - whole[0][1] * whole[1][0]
        for y in 0..<height {
          for x in 0..<width {
            // Cramer's rule for the place that the map brings here.
            let u = Double(x) - mx - whole[0][2]
            let v = Double(y) - my - whole[1][2]
            let fromX = (u * whole[1][1] - v * whole[0][1]) / determinant + mx
            let fromY = (v * whole[0][0] - u * whole[1][0]) / determinant + my
            for channel in 0..<channels {
              let expected = gain * bilinear(pictures, fromY, fromX, channel) + offset
              let found = Double(values[(y * width + x) * channels + channel])
              largest = Plain.larger(largest, found - expected)
            }
          }
        }
        // A place is rounded to 2^-20 of a pixel, and neighbours differ by up to 255.
        #expect(largest < 2e-3)
      }
    }
  }

  private func bilinear(_ p: Pictures, _ y: Double, _ x: Double, _ channel: Int) -> Double {
    let (top, left) = (Int(y.rounded(.down)), Int(x.rounded(.down)))
    var sum = 0.0
    for (row, rowShare) in [(top, 1 - (y - Double(top))), (top + 1, y - Double(top))] {
      for (column, share) in [(left, 1 - (x - Double(left))), (left + 1, x - Double(left))] {
        let place = Self.mirrored(row, p.height) * p.width + Self.mirrored(column, p.width)
        sum += rowShare * share * Double(p.bytes[place * p.channels + channel])
      }
    }
    return sum
  }

  @Test("of a sample follows from the seed and its place, whatever is beside it, on any threads")
  func places() throws {
    let pictures = Pictures(rows: 12, 40, 40, 1)
    let steps: [AugmentationStep] = [.kochAffine(.init()), .flip(.init()), .brightness(.init())]
    let augmenter = try Augmenter(steps, input: pictures.shape)
    func augmented(_ rows: Range<Int>, seed: Int = 3, epoch: Int = 1, step: Int = 2) -> [Float] {
      let size = pictures.shape.count
      let target = FloatBuffer(count: rows.count * size)
      pictures.bytes.withUnsafeBufferPointer { bytes in
        guard let start = bytes.baseAddress else { return }
        augmenter.augment(
          start + rows.lowerBound * size, rows: rows,
          place: Augmenter.Place(seed: seed, epoch: epoch, step: step), to: target.start)
      }
      return target.values
    }
    _ = try Machine.start(threads: 2)
    let all = augmented(0..<12)
    _ = try Machine.start(threads: 2)
    #expect(augmented(0..<12) == all)
    #expect(augmented(5..<7) == Array(all[5 * 1_600..<7 * 1_600]))
    #expect(augmented(0..<12, seed: 4) != all)
    #expect(augmented(0..<12, epoch: 0) != all)
    #expect(augmented(0..<12, step: 1) != all)
    // Two rows, as the sides of a pair are, have draws of their own.
    let place = Augmenter.Place(seed: 3, epoch: 1, step: 2)
    #expect(Set((0..<12).map { augmenter.change(place, row: $0).transform.dx }).count > 3)
    #expect(augmenter.change(place, row: 0) != augmenter.change(place, row: 6))
  }
}

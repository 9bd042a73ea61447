import CDlibTraining
import Catalog
import Foundation
import SyntheticFaces
import TestSupport
import Testing

@testable import Imaging
@testable import Ingest

/// A drawn face, turned by a known angle about its middle.
private struct TurnedFace {
  static let width = FaceSet.width
  static let height = FaceSet.height
  let pixels: [UInt8]
  /// The eyes, the left one in the picture first.
  let eyes: [(x: Double, y: Double)]

  init(_ set: FaceSet, person: Int, picture: Int, angle: Double) {
    let upright = set.pixels(person: person, picture: picture)
    let (cx, cy) = (Double(Self.width) / 2, Double(Self.height) / 2)
    // Each pixel is where the turn back says; the eyes are where the turn takes them.
    var pixels: [UInt8] = []
    for y in 0..<Self.height {
      for x in 0..<Self.width {
        let (dx, dy) = (Double(x) - cx, Double(y) - cy)
        let sx = Int((cx + dx * cos(angle) + dy * sin(angle)).rounded())
        let sy = Int((cy - dx * sin(angle) + dy * cos(angle)).rounded())
        let (px, py) = (min(max(0, sx), Self.width - 1), min(max(0, sy), Self.height - 1))
        pixels.append(upright[py * Self.width + px])
      }
    }
    self.pixels = pixels
    eyes = set.eyes(person: person, picture: picture).map { eye in
      let (dx, dy) = (eye.x - cx, eye.y - cy)
      return (cx + dx * cos(angle) - dy * sin(angle), cy + dx * sin(angle) + dy * cos(angle))
    }
  }

  var picture: Image {
    Image(width: Self.width, height: Self.height, channels: 1, pixels: pixels)
  }
}

@Suite("A face")
struct FaceTests {
  private func face(
    _ left: Int, _ top: Int, _ side: Int, score: Double = 1
  ) -> Crop.Face {
    Crop.Face(left: left, top: top, width: side, height: side, score: score)
  }

  @Test("is the largest; of nearly equal ones the most central")
  func chooses() {
    func chosen(_ faces: [Crop.Face]) -> Int? {
      FaceFinder.choose(faces, width: 200, height: 200)?.left
    }
    #expect(chosen([]) == nil)
    #expect(chosen([face(0, 0, 40), face(150, 150, 50)]) == 150)
    #expect(chosen([face(0, 0, 50), face(80, 80, 46)]) == 80)
    #expect(chosen([face(0, 0, 50), face(80, 80, 44)]) == 0)
    // A face the detector is not certain of counts only without any other.
    #expect(chosen([face(0, 0, 90, score: -0.2), face(80, 80, 20)]) == 80)
    #expect(chosen([face(7, 0, 90, score: -0.2)]) == 7)
  }

  @Test("lies in a square that is moved inside the picture and no larger than it")
  func squares() {
    func square(_ face: Crop.Face, _ factor: Double) -> [Int] {
      let square = FaceFinder.square(around: face, factor: factor, width: 100, height: 80)
      return [square.left, square.top, square.side]
    }
    #expect(square(face(40, 30, 20), 1) == [40, 30, 20])
    #expect(square(face(40, 30, 20), 2) == [30, 20, 40])
    #expect(square(face(-10, -5, 20), 1) == [0, 0, 20])
    #expect(square(face(90, 70, 20), 1) == [80, 60, 20])
    #expect(square(face(40, 30, 20), 50) == [10, 0, 80])
  }

  @Test("is not looked for by a crop to the middle")
  func centers() {
    // RECIPES: LFW at factor 0.75 is 187.5 pixels at 31.25.
    let lfw = Image(
      width: 250, height: 250, channels: 1, pixels: [UInt8](repeating: 0, count: 62_500))
    #expect(FaceFinder.center(lfw, factor: 0.75) == Crop(left: 31, top: 31, side: 188))
    #expect(FaceFinder.center(lfw, factor: 1.2) == Crop(left: 0, top: 0, side: 250))
    let wide = Image(
      width: 30, height: 20, channels: 1, pixels: [UInt8](repeating: 0, count: 600))
    #expect(FaceFinder.center(wide, factor: 1) == Crop(left: 5, top: 0, side: 20))
  }

  @Test("that is drawn is found, and none is in a plain picture")
  func finds() throws {
    let finder = try FaceFinder(nil)
    let set = FaceSet(seed: 0)
    var found = 0
    for person in 1...10 {
      let crop = try finder.crop(
        TurnedFace(set, person: person, picture: 1, angle: 0).picture, factor: 1
      ).get()
      guard let face = crop.face else { continue }
      found += 1
      // The eyes lie in the upper half of the box.
      let eyes = set.eyes(person: person, picture: 1)
      #expect(eyes[0].x > Double(face.left) && eyes[1].x < Double(face.left + face.width))
      #expect(
        eyes[0].y > Double(face.top) && eyes[0].y < Double(face.top) + 0.6 * Double(face.height))
    }
    #expect(found >= 8)
    let plain = Image(
      width: 120, height: 100, channels: 1, pixels: [UInt8](repeating: 90, count: 12_000))
    #expect(try finder.crop(plain, factor: 1).get() == Crop(left: 10, top: 0, side: 100, faces: 0))
  }

  @Test("is turned until the eyes are level by a predictor trained on drawn faces")
  func turns() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.file("eyes.dat")
    let set = FaceSet(seed: 7)
    var pictures: [UInt8] = []
    var landmarks: [Double] = []
    let angles = stride(from: -0.35, through: 0.35, by: 0.1)
    for person in 1...30 {
      for (index, angle) in angles.enumerated() {
        let face = TurnedFace(set, person: person, picture: 1 + index % 3, angle: angle)
        pictures += face.pixels
        // Two points an eye and the nose between them, numbered as dlib's file of five points.
        let (left, right) = (face.eyes[0], face.eyes[1])
        for point in [right, right, left, left, ((left.x + right.x) / 2, (left.y + right.y) / 2)] {
          landmarks += [point.0, point.1]
        }
      }
    }
    let count = landmarks.count / 10
    #expect(
      cdlibtraining_train(
        pictures, Int32(count), Int32(TurnedFace.width), Int32(TurnedFace.height), landmarks, 5, 10,
        20, 72, path) == 0)

    let finder = try FaceFinder(try LandmarkPredictor(path: path))
    var errors: [Double] = []
    var leveled = 0
    for person in 31...40 {
      for angle in [-0.25, 0.2] {
        let turned = TurnedFace(set, person: person, picture: 1, angle: angle)
        let crop = try finder.crop(turned.picture, face: face(10, 20, 72), of: 1, factor: 1.2)
          .get()
        #expect(crop.landmarks?.hasPrefix("[[") == true)
        errors.append(abs(crop.angle - angle))
        let chip = try turned.picture.cropped(crop).get()
        #expect(chip.width == crop.side && chip.height == crop.side)
        // Where the turn takes the eyes in the chip.
        let middle = Double(crop.side - 1) / 2
        let heights = turned.eyes.map { eye in
          let dx = eye.x - Double(crop.left) - middle
          let dy = eye.y - Double(crop.top) - middle
          return -dx * sin(crop.angle) + dy * cos(crop.angle)
        }
        let before = abs(turned.eyes[1].y - turned.eyes[0].y)
        if abs(heights[1] - heights[0]) < before / 2 { leveled += 1 }
        // The chip is dark where that says the eyes are.
        let column = turned.eyes.map { eye -> Int in
          let dx = eye.x - Double(crop.left) - middle
          let dy = eye.y - Double(crop.top) - middle
          return Int((dx * cos(crop.angle) + dy * sin(crop.angle) + middle).rounded())
        }
        let rows = heights.map { Int(($0 + middle).rounded()) }
        for (x, y) in zip(column, rows) {
          let original = turned.eyes[x < Int(middle) ? 0 : 1]
          let expected = turned.pixels[
            Int(original.y.rounded()) * TurnedFace.width + Int(original.x.rounded())]
          #expect(abs(Int(chip.pixels[y * crop.side + x]) - Int(expected)) < 40)
        }
      }
    }
    // The predictor is a small one: most of the turns are right, and none of them backwards.
    #expect(leveled >= 15)
    #expect(errors.sorted()[errors.count / 2] < 0.06)
    #expect(errors.allSatisfy { $0 < 0.45 })
  }

  @Test("a file that is no predictor of 5 or 68 points is refused")
  func refuses() throws {
    let scratch = try TemporaryFolder()
    let path = try scratch.write(Array("no predictor".utf8), to: "bad.dat")
    #expect(throws: ImagingError.self) { try LandmarkPredictor(path: path) }
    #expect(throws: ImagingError.self) { try LandmarkPredictor(path: scratch.file("none")) }
  }
}

import Foundation
import Randomness

/// A set of drawn faces in the format of ORL, for use without photographs.
///
/// The faces show no real person: each one is defined by twenty numbers drawn from the seed.
/// Results on such a set show that the software works, and nothing about accuracy on photographs.
public struct FaceSet: Sendable {
  /// The width in pixels, as in ORL.
  public static let width = 92
  /// The height in pixels, as in ORL.
  public static let height = 112

  /// The seed of all persons and poses.
  public let seed: Int

  /// Creates the set with this seed.
  public init(seed: Int) {
    self.seed = seed
  }

  /// Returns one image, 8-bit gray, `[height, width]`; people and images are numbered from 1.
  public func pixels(person number: Int, picture: Int) -> [UInt8] {
    let person = Person(seed: seed, number: number)
    let pose = Pose(seed: seed, person: number, number: picture)
    var canvas = Canvas(width: Self.width, height: Self.height, tone: person.background)
    FaceDrawing(person: person, pose: pose).draw(on: &canvas)
    var random = RandomStream(seed: seed, "noise", number, picture)
    return canvas.bytes { value, x, y in
      let across = (Double(x) / Double(Self.width) - 0.5) * pose.lightX
      let down = (Double(y) / Double(Self.height) - 0.5) * pose.lightY
      return value * (1 + across + down) + pose.brightness + pose.noise * random.normal()
    }
  }

  /// Returns the positions of the pupils in pixels, the left one in the image first.
  public func eyes(person number: Int, picture: Int) -> [(x: Double, y: Double)] {
    let drawing = FaceDrawing(
      person: Person(seed: seed, number: number),
      pose: Pose(seed: seed, person: number, number: picture))
    return [-1, 1].map { drawing.pupil($0) }
  }

  /// Returns one image as a binary PGM file.
  public func pgm(person: Int, picture: Int) -> [UInt8] {
    Array("P5\n\(Self.width) \(Self.height)\n255\n".utf8)
      + pixels(person: person, picture: picture)
  }

  /// Writes `folder/s1/1.pgm` and so on.
  ///
  /// - Throws: an error of Foundation if a file cannot be written.
  public func write(to folder: String, people: Int = 40, pictures: Int = 10) throws {
    for person in 1...people {
      let path = "\(folder)/s\(person)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for picture in 1...pictures {
        let url = URL(fileURLWithPath: "\(path)/\(picture).pgm")
        try Data(pgm(person: person, picture: picture)).write(to: url)
      }
    }
  }
}

/// Paints one person in one pose, from background to foreground.
private struct FaceDrawing {
  let person: Person
  let pose: Pose
  /// The height of a head in pixels.
  private var unit: Double { 84 * pose.scale }
  private var centreX: Double { Double(FaceSet.width) / 2 + pose.shiftX }
  private var centreY: Double { Double(FaceSet.height) / 2 + 3 + pose.shiftY }

  init(person: Person, pose: Pose) {
    self.person = person
    self.pose = pose
  }

  func draw(on canvas: inout Canvas) {
    drawShoulders(on: &canvas)
    drawHead(on: &canvas)
    for side in [-1.0, 1.0] { drawEye(side, on: &canvas) }
    drawNose(on: &canvas)
    drawMouth(on: &canvas)
  }

  /// Returns an ellipse; its position is in head heights relative to the centre.
  ///
  /// Parts in front of the head shift with its rotation.
  private func ellipse(
    _ x: Double, _ y: Double, _ across: Double, _ down: Double, depth: Double = 1
  ) -> Ellipse {
    Ellipse(
      x: centreX + (x + depth * pose.turn) * unit, y: centreY + (y + depth * pose.nod) * unit,
      across: across * unit, down: down * unit)
  }

  private func fill(_ shape: Ellipse, tone: Double, on canvas: inout Canvas) {
    canvas.paint(shape.cover) { _, _ in tone }
  }

  private func drawShoulders(on canvas: inout Canvas) {
    fill(ellipse(0, 0.75, 0.62, 0.3, depth: 0), tone: person.hair * 0.5 + 0.2, on: &canvas)
    fill(ellipse(0, 0.5, 0.2, 0.2, depth: 0), tone: person.skin * 0.8, on: &canvas)
  }

  private func drawHead(on canvas: inout Canvas) {
    let wide = person.headWidth / 2
    fill(ellipse(0, -0.08, wide * 1.08, 0.48, depth: 0.2), tone: person.hair, on: &canvas)
    let face = ellipse(0, 0, wide, 0.5, depth: 0.4)
    let hairLine = centreY + person.hairLine * unit
    let sides = wide * unit * (1 - 0.25 * person.hairSides)
    canvas.paint { x, y in
      // Below the eyes the face becomes narrower towards the jaw.
      let down = max(0, (y - centreY) / (0.5 * unit))
      let narrow = 1 - (1 - person.jaw) * min(1, down)
      let shape = face.cover(face.x + (x - face.x) / narrow, y)
      let below = y - hairLine - pow((x - centreX) / sides, 4) * unit * 0.12 * person.hairSides
      return min(shape, below)
    } tone: { x, _ in
      // The cheek on the far side of a turned head is darker.
      person.skin
        * (1 - 0.6 * abs(pose.turn) * max(0, (x - centreX) / unit * (pose.turn > 0 ? 1 : -1)))
    }
    if person.hasBeard {
      let beard = ellipse(0, 0.34, wide * person.jaw * 0.8, 0.16, depth: 0.5)
      canvas.paint {
        beard.cover($0, $1) * 0.6
      } tone: { _, _ in
        person.hair
      }
    }
  }

  /// Returns the centre of a pupil in pixels; `side` is -1 for the left one in the image.
  func pupil(_ side: Double) -> (x: Double, y: Double) {
    let pupil = ellipse(side * person.eyeGap, person.eyeHeight, 1, 1, depth: 1.15)
    return (pupil.x, pupil.y)
  }

  private func drawEye(_ side: Double, on canvas: inout Canvas) {
    let x = side * person.eyeGap
    let y = person.eyeHeight
    let size = person.eyeSize
    fill(ellipse(x, y, size, size * 0.55), tone: 0.92, on: &canvas)
    fill(ellipse(x, y, size * 0.5, size * 0.5, depth: 1.15), tone: 0.12, on: &canvas)
    let brow = ellipse(x, y - person.browHeight, size * 1.5, person.browThickness)
    canvas.paint { px, py in
      brow.cover(px, py + side * person.browTilt * (px - brow.x))
    } tone: { _, _ in
      person.hair * 0.8
    }
    if person.hasGlasses {
      let outer = ellipse(x, y, size * 1.7, size * 1.5)
      let inner = ellipse(x, y, size * 1.45, size * 1.25)
      canvas.paint {
        min(outer.cover($0, $1), 1 - inner.cover($0, $1))
      } tone: { _, _ in
        0.08
      }
    }
  }

  private func drawNose(on canvas: inout Canvas) {
    let y = person.eyeHeight + person.noseLength
    let bridge = ellipse(
      0.01, y - person.noseLength / 2, person.noseWidth * 0.5,
      person.noseLength / 2, depth: 1.3)
    canvas.paint {
      bridge.cover($0, $1) * 0.35
    } tone: { _, _ in
      min(1, person.skin * 1.2)
    }
    let tip = ellipse(0, y, person.noseWidth, person.noseWidth * 0.5, depth: 1.4)
    canvas.paint {
      tip.cover($0, $1) * 0.7
    } tone: { _, _ in
      person.skin * 0.65
    }
  }

  private func drawMouth(on canvas: inout Canvas) {
    let mouth = ellipse(0, person.mouthHeight, person.mouthWidth, person.lipThickness)
    canvas.paint { x, y in
      let bend = pose.smile * unit * pow((x - mouth.x) / mouth.across, 2) * 2
      return mouth.cover(x, y + bend)
    } tone: { _, _ in
      person.skin * 0.45
    }
  }
}

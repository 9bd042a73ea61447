internal import CDlib
import Catalog
import Foundation
import Shards

/// The landmarks file a user named, read once and shared by all workers.
///
/// Safe to share: dlib's predictor is only read after it was loaded.
public final class LandmarkPredictor: @unchecked Sendable {
  fileprivate let pointer: OpaquePointer
  /// SHA-256 of the file.
  public let sha256: String
  /// How many landmarks it finds, 5 or 68.
  public let count: Int

  /// Reads a shape predictor in dlib's file format.
  ///
  /// - Throws: ``IngestError/badLandmarks(path:reason:)``.
  public init(path: String) throws(IngestError) {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw .badLandmarks(path: path, reason: "it cannot be read")
    }
    guard let pointer = cdlib_predictor_read(path) else {
      throw .badLandmarks(path: path, reason: "it is no shape predictor of dlib")
    }
    self.pointer = pointer
    sha256 = data.withUnsafeBytes { Digest.sha256($0) }
    count = Int(cdlib_predictor_points(pointer))
    guard count == 5 || count == 68 else {
      throw .badLandmarks(path: path, reason: "it finds \(count) points, not 5 or 68")
    }
  }

  deinit { cdlib_predictor_destroy(pointer) }

  /// The points of each eye, as the two files of this kind number them.
  fileprivate var eyes: (Range<Int>, Range<Int>) {
    count == 5 ? (0..<2, 2..<4) : (36..<42, 42..<48)
  }
}

/// Finds the face of a picture and the square around it.
///
/// A class because it owns a detector, which is slow to build; each worker has its own.
final class FaceFinder {
  /// Faces that score at least this are certain; less certain ones count only without any.
  static let certainScore = 0.0
  /// What scores less is no face.
  static let leastScore = -0.3
  /// The detector sees faces from about 80 pixels: smaller pictures are enlarged to this side.
  static let leastSide = 200
  /// Larger pictures are shrunk to this side, so that time and memory stay bounded.
  static let mostSide = 1_024
  /// Of faces whose sides are at least this share of the largest one's, the most central is taken.
  static let nearlyEqual = 0.9
  private static let capacity = 64

  private let detector: OpaquePointer
  private let predictor: LandmarkPredictor?

  init(_ predictor: LandmarkPredictor?) throws(IngestError) {
    guard let detector = cdlib_detector_create() else { throw .decoderUnavailable }
    self.detector = detector
    self.predictor = predictor
  }

  deinit { cdlib_detector_destroy(detector) }

  /// The square to cut out of a picture, around its face or, without one, in its middle; a failure
  /// when dlib cannot search the picture, which says nothing of faces.
  func crop(_ picture: Picture, factor: Double) -> Result<Crop, ImageDecoder.Failure> {
    let gray = picture.converted(to: .gray)
    return find(gray).flatMap { faces in
      guard let face = Self.choose(faces, width: picture.width, height: picture.height) else {
        return .success(Self.center(picture, factor: 1, faces: 0))
      }
      return crop(gray, face: face, of: faces.count, factor: factor)
    }
  }

  /// The square around one face of `count`, turned upright where there is a predictor.
  func crop(
    _ picture: Picture, face: Crop.Face, of count: Int, factor: Double
  ) -> Result<Crop, ImageDecoder.Failure> {
    let square = Self.square(
      around: face, factor: factor, width: picture.width, height: picture.height)
    guard let predictor else {
      return .success(
        Crop(left: square.left, top: square.top, side: square.side, faces: count, face: face))
    }
    return landmarks(of: face, in: picture, predictor).map { landmarks in
      Crop(
        left: square.left, top: square.top, side: square.side,
        angle: Self.angle(landmarks, eyes: predictor.eyes), faces: count, face: face,
        landmarks: Self.json(landmarks))
    }
  }

  /// The square in the middle, `factor` times as wide as the shorter side.
  static func center(_ picture: Picture, factor: Double, faces: Int? = nil) -> Crop {
    let (width, height) = (picture.width, picture.height)
    let least = min(width, height)
    let side = min(least, max(1, Int((Double(least) * factor).rounded())))
    return Crop(left: (width - side) / 2, top: (height - side) / 2, side: side, faces: faces)
  }

  /// The square around a face's box, moved inside the picture and no larger than it.
  static func square(
    around face: Crop.Face, factor: Double, width: Int, height: Int
  ) -> (left: Int, top: Int, side: Int) {
    let wanted = Int((Double(max(face.width, face.height)) * factor).rounded())
    let side = min(width, height, max(1, wanted))
    func start(_ edge: Int, _ length: Int, limit: Int) -> Int {
      let start = (Double(edge) + Double(length - side) / 2).rounded(.down)
      return min(max(0, Int(start)), limit - side)
    }
    return (
      start(face.left, face.width, limit: width), start(face.top, face.height, limit: height), side
    )
  }

  /// The largest face; of nearly equal ones the most central, then the most certain.
  static func choose(_ faces: [Crop.Face], width: Int, height: Int) -> Crop.Face? {
    let certain = faces.filter { $0.score >= certainScore }
    let candidates = certain.isEmpty ? faces : certain
    let largest = candidates.map { max($0.width, $0.height) }.max() ?? 0
    func distance(_ face: Crop.Face) -> Double {
      let x = Double(2 * face.left + face.width - width)
      let y = Double(2 * face.top + face.height - height)
      return (x * x + y * y).squareRoot()
    }
    return
      candidates
      .filter { Double(max($0.width, $0.height)) >= nearlyEqual * Double(largest) }
      .min { (distance($0), -$0.score) < (distance($1), -$1.score) }
  }

  /// Every face the detector sees, the best score first, in pixels of `gray`.
  func find(_ gray: Picture) -> Result<[Crop.Face], ImageDecoder.Failure> {
    let (seen, scale) = Self.scaled(gray)
    var found = [CDlibFace](repeating: CDlibFace(), count: Self.capacity)
    let count = cdlib_detect(
      detector, seen.pixels, Int32(seen.width), Int32(seen.height), Self.leastScore, &found,
      Int32(Self.capacity))
    guard count >= 0 else {
      return .failure(
        .init(reason: .dlibFailed, detail: "dlib's detector failed on this image"))
    }
    func back(_ length: Int) -> Int { Int((Double(length) / scale).rounded()) }
    return .success(
      found.prefix(Int(count)).map {
        Crop.Face(
          left: back($0.left), top: back($0.top), width: back($0.width), height: back($0.height),
          score: $0.score)
      })
  }

  private static func scaled(_ gray: Picture) -> (Picture, Double) {
    let (least, most) = (min(gray.width, gray.height), max(gray.width, gray.height))
    guard least > 0 else { return (gray, 1) }
    let scale = min(max(1, Double(leastSide) / Double(least)), Double(mostSide) / Double(most))
    guard scale != 1, scale > 1 || most > mostSide else { return (gray, 1) }
    let resampler = Resampler(
      width: max(1, Int((Double(gray.width) * scale).rounded())),
      height: max(1, Int((Double(gray.height) * scale).rounded())), method: .bilinear)
    guard case .success(let scaled) = resampler.resample(gray) else { return (gray, 1) }
    return (scaled, scale)
  }

  private func landmarks(
    of face: Crop.Face, in gray: Picture, _ predictor: LandmarkPredictor
  ) -> Result<[CDlibPoint], ImageDecoder.Failure> {
    var points = [CDlibPoint](repeating: CDlibPoint(), count: predictor.count)
    let box = CDlibFace(
      left: face.left, top: face.top, width: face.width, height: face.height, score: face.score)
    let status = cdlib_landmarks(
      predictor.pointer, gray.pixels, Int32(gray.width), Int32(gray.height), box, &points)
    return status == 0
      ? .success(points)
      : .failure(.init(reason: .dlibFailed, detail: "dlib found no landmarks on this face"))
  }

  /// By how much the line from the eye on the left of the picture to the other one falls, in radians.
  private static func angle(_ points: [CDlibPoint], eyes: (Range<Int>, Range<Int>)) -> Double {
    guard points.count >= max(eyes.0.upperBound, eyes.1.upperBound), !eyes.0.isEmpty else {
      return 0
    }
    func middle(_ eye: Range<Int>) -> (x: Double, y: Double) {
      let count = Double(eye.count)
      return (
        points[eye].reduce(0) { $0 + $1.x } / count, points[eye].reduce(0) { $0 + $1.y } / count
      )
    }
    let both = [middle(eyes.0), middle(eyes.1)].sorted { $0.x < $1.x }
    return atan2(both[1].y - both[0].y, both[1].x - both[0].x)
  }

  private static func json(_ points: [CDlibPoint]) -> String {
    "[" + points.map { "[\(Int($0.x)),\(Int($0.y))]" }.joined(separator: ",") + "]"
  }
}

extension Picture {
  /// What a crop takes of the picture: a copy of the square or, where it is turned, dlib's chip.
  ///
  /// A failure when dlib does not cut it: its memory holds no pixels then.
  func cropped(_ crop: Crop) -> Result<Picture, ImageDecoder.Failure> {
    guard crop.angle != 0 else {
      return .success(
        cropped(left: crop.left, top: crop.top, width: crop.side, height: crop.side))
    }
    let middle = Double(crop.side - 1) / 2
    var status: Int32 = -1
    let chip = [UInt8].filled(crop.side * crop.side * channels) { target in
      status = cdlib_chip(
        pixels, Int32(width), Int32(height), Int32(channels), Double(crop.left) + middle,
        Double(crop.top) + middle, Int32(crop.side), crop.angle, target)
    }
    guard status == 0 else {
      return .failure(
        .init(reason: .dlibFailed, detail: "dlib could not cut the turned square out"))
    }
    return .success(
      Picture(width: crop.side, height: crop.side, channels: channels, pixels: chip))
  }
}

internal import CDlib
import Catalog
import Foundation

/// Finds the face in an image and the square around it.
///
/// A class because it owns a detector, which is slow to create; each worker has its own.
final class FaceFinder {
  /// The minimum score of a certain face; faces with lower scores are used only if there is no
  /// certain one.
  static let certainScore = 0.0
  /// The minimum score of a face.
  static let minScore = -0.3
  /// The minimum shorter side after scaling; smaller images are enlarged, because the detector
  /// finds only faces of about 80 pixels or more.
  static let minSide = 200
  /// The maximum longer side after scaling; larger images are reduced, to limit time and memory.
  static let maxSide = 1_024
  /// Faces with a side of at least this fraction of the largest side count as equal; the most
  /// central one is used.
  static let similarSizeRatio = 0.9
  private static let capacity = 64

  private let detector: OpaquePointer
  private let predictor: LandmarkPredictor?

  init(_ predictor: LandmarkPredictor?) throws(ImagingError) {
    guard let detector = cdlib_detector_create() else { throw .decoderUnavailable }
    self.detector = detector
    self.predictor = predictor
  }

  deinit { cdlib_detector_destroy(detector) }

  /// Returns the square around the face of an image, or the centred one if there is no face.
  ///
  /// A failure means that dlib could not search the image, not that the image has no face.
  func crop(_ image: Image, factor: Double) -> Result<Crop, ImageFailure> {
    let gray = image.converted(to: .gray)
    return find(gray).flatMap { faces in
      guard let face = Self.choose(faces, width: image.width, height: image.height) else {
        return .success(Self.center(image, factor: 1, faces: 0))
      }
      return crop(gray, face: face, of: faces.count, factor: factor)
    }
  }

  /// Returns the square around one of `count` faces, rotated upright if there is a predictor.
  func crop(
    _ image: Image, face: Crop.Face, of count: Int, factor: Double
  ) -> Result<Crop, ImageFailure> {
    let square = Self.square(
      around: face, factor: factor, width: image.width, height: image.height)
    guard let predictor else {
      return .success(
        Crop(left: square.left, top: square.top, side: square.side, faces: count, face: face))
    }
    return landmarks(of: face, in: image, predictor).map { landmarks in
      Crop(
        left: square.left, top: square.top, side: square.side,
        angle: Self.angle(landmarks, eyes: predictor.eyes), faces: count, face: face,
        landmarks: Self.json(landmarks))
    }
  }

  /// Returns all detected faces, by descending score, in pixels of `gray`.
  func find(_ gray: Image) -> Result<[Crop.Face], ImageFailure> {
    let (seen, scale) = Self.scaled(gray)
    var found = [CDlibFace](repeating: CDlibFace(), count: Self.capacity)
    let count = cdlib_detect(
      detector, seen.pixels, Int32(seen.width), Int32(seen.height), Self.minScore, &found,
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

  private static func scaled(_ gray: Image) -> (Image, Double) {
    let (least, most) = (min(gray.width, gray.height), max(gray.width, gray.height))
    guard least > 0 else { return (gray, 1) }
    let scale = min(max(1, Double(minSide) / Double(least)), Double(maxSide) / Double(most))
    guard scale != 1, scale > 1 || most > maxSide else { return (gray, 1) }
    let resampler = Resampler(
      width: max(1, Int((Double(gray.width) * scale).rounded())),
      height: max(1, Int((Double(gray.height) * scale).rounded())), method: .bilinear)
    guard case .success(let scaled) = resampler.resample(gray) else { return (gray, 1) }
    return (scaled, scale)
  }

  private func landmarks(
    of face: Crop.Face, in gray: Image, _ predictor: LandmarkPredictor
  ) -> Result<[CDlibPoint], ImageFailure> {
    var points = [CDlibPoint](repeating: CDlibPoint(), count: predictor.count)
    let box = CDlibFace(
      left: face.left, top: face.top, width: face.width, height: face.height, score: face.score)
    let status = cdlib_landmarks(
      predictor.pointer, gray.pixels, Int32(gray.width), Int32(gray.height), box, &points)
    return status == 0
      ? .success(points)
      : .failure(.init(reason: .dlibFailed, detail: "dlib found no landmarks on this face"))
  }

  /// Returns the angle of the line from the left eye in the image to the right one, in radians,
  /// positive if it descends.
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

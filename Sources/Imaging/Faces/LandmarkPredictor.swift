internal import CDlib
import Foundation
import Shards

/// A landmarks file given by the user, read once and shared by all workers.
///
/// It is safe to share: dlib's predictor is only read after loading.
public final class LandmarkPredictor: @unchecked Sendable {
  let pointer: OpaquePointer
  /// SHA-256 of the file.
  public let sha256: String
  /// Number of landmarks, 5 or 68.
  public let count: Int

  /// Reads a shape predictor in dlib's file format.
  ///
  /// - Throws: ``ImagingError/badLandmarks(path:reason:)``.
  public init(path: String) throws(ImagingError) {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw .badLandmarks(path: path, reason: "it cannot be read")
    }
    guard let pointer = cdlib_predictor_read(path) else {
      throw .badLandmarks(path: path, reason: "it is not a dlib shape predictor")
    }
    self.pointer = pointer
    sha256 = data.withUnsafeBytes { Digest.sha256($0) }
    count = Int(cdlib_predictor_points(pointer))
    guard count == 5 || count == 68 else {
      throw .badLandmarks(path: path, reason: "it finds \(count) points, not 5 or 68")
    }
  }

  deinit { cdlib_predictor_destroy(pointer) }

  /// The indices of each eye's landmarks in the two supported files.
  var eyes: (Range<Int>, Range<Int>) {
    count == 5 ? (0..<2, 2..<4) : (36..<42, 42..<48)
  }
}

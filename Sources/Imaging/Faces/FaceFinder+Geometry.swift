import Catalog

/// Selects the face and the square around it.
extension FaceFinder {
  /// Returns the centred square with `factor` times the shorter side of the image.
  static func center(_ image: Image, factor: Double, faces: Int? = nil) -> Crop {
    let (width, height) = (image.width, image.height)
    let least = min(width, height)
    let side = min(least, max(1, Int((Double(least) * factor).rounded())))
    return Crop(left: (width - side) / 2, top: (height - side) / 2, side: side, faces: faces)
  }

  /// Returns the square around a face's box, moved inside the image and no larger than it.
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

  /// Returns the largest face; among nearly equal ones the most central, then the one with the best
  /// score.
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
      .filter { Double(max($0.width, $0.height)) >= similarSizeRatio * Double(largest) }
      .min { (distance($0), -$0.score) < (distance($1), -$1.score) }
  }
}

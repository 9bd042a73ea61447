import Foundation

/// An affine map of image coordinates, in pixels relative to the centre, x to the right and y down.
///
/// It maps the position of the content in the source to its position in the result.
struct ImageTransform: Equatable {
  /// x' = xx x + xy y + dx.
  var xx = 1.0
  var xy = 0.0
  var dx = 0.0
  /// y' = yx x + yy y + dy.
  var yx = 0.0
  var yy = 1.0
  var dy = 0.0

  /// The identity.
  static let identity = ImageTransform()

  /// A rotation to the left, as seen by the viewer.
  static func rotation(degrees: Double) -> ImageTransform {
    let angle = degrees * .pi / 180
    return ImageTransform(xx: cos(angle), xy: sin(angle), yx: -sin(angle), yy: cos(angle))
  }

  /// A scaling by a factor along each axis.
  static func scale(x: Double, y: Double) -> ImageTransform {
    ImageTransform(xx: x, yy: y)
  }

  /// x' = x + `x` y and y' = y + `y` x.
  static func shear(x: Double, y: Double) -> ImageTransform {
    ImageTransform(xy: x, yx: y)
  }

  /// A shift to the right and down.
  static func translation(x: Double, y: Double) -> ImageTransform {
    ImageTransform(dx: x, dy: y)
  }

  /// A flip of left and right.
  static let flip = ImageTransform.scale(x: -1, y: 1)

  /// The composition of this map, applied first, and another.
  func then(_ next: ImageTransform) -> ImageTransform {
    ImageTransform(
      xx: next.xx * xx + next.xy * yx, xy: next.xx * xy + next.xy * yy,
      dx: next.xx * dx + next.xy * dy + next.dx,
      yx: next.yx * xx + next.yy * yx, yy: next.yx * xy + next.yy * yy,
      dy: next.yx * dx + next.yy * dy + next.dy)
  }

  /// The inverse map.
  ///
  /// - Precondition: The map is invertible.
  var inverse: ImageTransform {
    let determinant = xx * yy - xy * yx
    precondition(determinant != 0, "the image has become a line")
    let (a, b) = (yy / determinant, -xy / determinant)
    let (c, d) = (-yx / determinant, xx / determinant)
    return ImageTransform(
      xx: a, xy: b, dx: -(a * dx + b * dy), yx: c, yy: d, dy: -(c * dx + d * dy))
  }
}

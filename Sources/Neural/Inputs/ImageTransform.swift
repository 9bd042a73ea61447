import Foundation

/// An affine map of the plane of a picture, in pixels about its middle, x to the right and y down:
/// where the content at (x, y) goes.
struct ImageTransform: Equatable {
  /// x' = xx x + xy y + dx.
  var xx = 1.0
  var xy = 0.0
  var dx = 0.0
  /// y' = yx x + yy y + dy.
  var yx = 0.0
  var yy = 1.0
  var dy = 0.0

  /// Nothing moves.
  static let identity = ImageTransform()

  /// A turn to the left, as one sees it.
  static func rotation(degrees: Double) -> ImageTransform {
    let angle = degrees * .pi / 180
    return ImageTransform(xx: cos(angle), xy: sin(angle), yx: -sin(angle), yy: cos(angle))
  }

  /// Larger by a factor along each axis.
  static func scale(x: Double, y: Double) -> ImageTransform {
    ImageTransform(xx: x, yy: y)
  }

  /// x' = x + `x` y and y' = y + `y` x.
  static func shear(x: Double, y: Double) -> ImageTransform {
    ImageTransform(xy: x, yx: y)
  }

  /// To the right and down.
  static func translation(x: Double, y: Double) -> ImageTransform {
    ImageTransform(dx: x, dy: y)
  }

  /// Left and right change places.
  static let flip = ImageTransform.scale(x: -1, y: 1)

  /// This map, and then another.
  func then(_ next: ImageTransform) -> ImageTransform {
    ImageTransform(
      xx: next.xx * xx + next.xy * yx, xy: next.xx * xy + next.xy * yy,
      dx: next.xx * dx + next.xy * dy + next.dx,
      yx: next.yx * xx + next.yy * yx, yy: next.yx * xy + next.yy * yy,
      dy: next.yx * dx + next.yy * dy + next.dy)
  }

  /// The map back.
  ///
  /// - Precondition: there is one: the map makes no line of the picture.
  var inverse: ImageTransform {
    let determinant = xx * yy - xy * yx
    precondition(determinant != 0, "the picture has become a line")
    let (a, b) = (yy / determinant, -xy / determinant)
    let (c, d) = (-yx / determinant, xx / determinant)
    return ImageTransform(
      xx: a, xy: b, dx: -(a * dx + b * dy), yx: c, yy: d, dy: -(c * dx + d * dy))
  }
}

internal import CDlib
import Catalog

extension Image {
  /// Returns the pixels of a crop: a copy of the square or, if it is rotated, dlib's chip.
  ///
  /// Fails if dlib cannot extract the chip; its memory contains no pixels in this case.
  func cropped(_ crop: Crop) -> Result<Image, ImageFailure> {
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
        .init(reason: .dlibFailed, detail: "dlib could not cut out the rotated square"))
    }
    return .success(
      Image(width: crop.side, height: crop.side, channels: channels, pixels: chip))
  }
}

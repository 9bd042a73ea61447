internal import CVips

/// Small pictures of files that did not become samples.
enum Thumbnail {
  /// The longer side in pixels.
  static let side = 64

  /// Returns a JPEG of the image, at most ``side`` pixels wide and high; `nil` if it cannot be made.
  static func jpeg(of image: Image) -> [UInt8]? {
    guard cvips_start() == 0 else { return nil }
    let scale = min(1, Double(side) / Double(max(image.width, image.height)))
    let width = max(1, Int((Double(image.width) * scale).rounded()))
    let height = max(1, Int((Double(image.height) * scale).rounded()))
    guard
      case .success(let small) = Resampler(width: width, height: height, method: .bilinear)
        .resample(image)
    else { return nil }
    var length = 0
    guard
      let bytes = cvips_encode(
        small.pixels, Int32(small.width), Int32(small.height), Int32(small.channels),
        ".jpg[Q=80]", &length)
    else { return nil }
    defer { cvips_free(bytes) }
    return Array(UnsafeRawBufferPointer(start: bytes, count: length))
  }
}

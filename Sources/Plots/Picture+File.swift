internal import CVips

extension Picture {
  /// Decodes an image file, upright and at most `side` pixels wide and high.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - side: the limit in pixels.
  /// - Returns: the picture; `nil` if the file cannot be decoded.
  public static func decoded(_ bytes: [UInt8], side: Int) -> Picture? {
    var size = CVipsSize()
    guard let pixels = cvips_thumbnail(bytes, bytes.count, Int32(side), &size) else { return nil }
    defer { cvips_free(pixels) }
    let count = Int(size.width) * Int(size.height) * Int(size.channels)
    return Picture(
      width: Int(size.width), height: Int(size.height), channels: Int(size.channels),
      pixels: Array(UnsafeRawBufferPointer(start: pixels, count: count)))
  }
}

internal import CLanczos

/// An image with 8 bits per channel, `[height, width, channel]`, row-major.
package struct Image: Equatable {
  package let width: Int
  package let height: Int
  /// 1 for gray, 3 for RGB.
  package let channels: Int
  package let pixels: [UInt8]

  package init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// Returns the image in gray or RGB, with Pillow's arithmetic: ITU-R 601-2 luma with 16
  /// fractional bits.
  func converted(to color: SampleConfiguration.Color) -> Image {
    switch (color, channels) {
    case (.gray, 3):
      let gray = [UInt8].filled(width * height) { clanczos_luma(pixels, width * height, $0) }
      return Image(width: width, height: height, channels: 1, pixels: gray)
    case (.rgb, 1):
      var rgb: [UInt8] = []
      rgb.reserveCapacity(pixels.count * 3)
      for value in pixels { rgb.append(contentsOf: repeatElement(value, count: 3)) }
      return Image(width: width, height: height, channels: 3, pixels: rgb)
    default:
      return self
    }
  }

  /// Returns the rectangle at `left`, `top`, which must be inside the image.
  func cropped(left: Int, top: Int, width: Int, height: Int) -> Image {
    precondition(
      left >= 0 && top >= 0 && left + width <= self.width && top + height <= self.height)
    var part: [UInt8] = []
    part.reserveCapacity(width * height * channels)
    for row in top..<top + height {
      let start = (row * self.width + left) * channels
      part += pixels[start..<start + width * channels]
    }
    return Image(width: width, height: height, channels: channels, pixels: part)
  }

  /// Returns the image centred on black of `width` x `height` pixels, which must not be smaller.
  func padded(width: Int, height: Int) -> Image {
    precondition(width >= self.width && height >= self.height)
    var whole = [UInt8](repeating: 0, count: width * height * channels)
    let (left, top) = ((width - self.width) / 2, (height - self.height) / 2)
    let line = self.width * channels
    for row in 0..<self.height {
      let target = ((top + row) * width + left) * channels
      whole.replaceSubrange(target..<target + line, with: pixels[row * line..<(row + 1) * line])
    }
    return Image(width: width, height: height, channels: channels, pixels: whole)
  }
}

extension [UInt8] {
  /// Returns `count` bytes written by `body`.
  static func filled(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>?) -> Void) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      body(buffer.baseAddress)
      initialized = count
    }
  }
}

internal import CLanczos

/// A picture of 8 bits a channel, `[height, width, channel]`, row-major.
struct Picture: Equatable {
  let width: Int
  let height: Int
  /// 1 for gray, 3 for RGB.
  let channels: Int
  let pixels: [UInt8]

  /// The picture in gray or RGB, with Pillow's arithmetic: ITU-R 601-2 luma in 16 fractional bits.
  func converted(to color: IngestConfiguration.Color) -> Picture {
    switch (color, channels) {
    case (.gray, 3):
      let gray = [UInt8].filled(width * height) { clanczos_luma(pixels, width * height, $0) }
      return Picture(width: width, height: height, channels: 1, pixels: gray)
    case (.rgb, 1):
      var rgb: [UInt8] = []
      rgb.reserveCapacity(pixels.count * 3)
      for value in pixels { rgb.append(contentsOf: repeatElement(value, count: 3)) }
      return Picture(width: width, height: height, channels: 3, pixels: rgb)
    default:
      return self
    }
  }

  /// The square at `left`, `top`, which must lie inside.
  func cropped(left: Int, top: Int, side: Int) -> Picture {
    precondition(left >= 0 && top >= 0 && left + side <= width && top + side <= height)
    var square: [UInt8] = []
    square.reserveCapacity(side * side * channels)
    for row in top..<top + side {
      let start = (row * width + left) * channels
      square += pixels[start..<start + side * channels]
    }
    return Picture(width: side, height: side, channels: channels, pixels: square)
  }
}

extension [UInt8] {
  /// `count` bytes that `body` writes.
  static func filled(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>?) -> Void) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      body(buffer.baseAddress)
      initialized = count
    }
  }
}

internal import CVips

/// Pixels that a page shows, 8 bits each, row-major.
public struct Picture: Sendable, Equatable {
  /// The width in pixels.
  public let width: Int
  /// The height in pixels.
  public let height: Int
  /// Number of channels: 1 for gray or 3 for RGB.
  public let channels: Int
  /// The pixels, `[height, width, channels]`.
  public let pixels: [UInt8]

  /// Creates a picture.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(channels == 1 || channels == 3, "a picture is gray or RGB")
    precondition(pixels.count == width * height * channels, "a value for each pixel")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// The bytes of a PNG file.
  public var png: [UInt8] { encoded(".png") }

  /// The bytes of a JPEG file, a fraction of the size of the PNG file.
  public var jpeg: [UInt8] { encoded(".jpg[Q=88]") }

  /// The picture in a smaller size, each pixel the mean of those that it covers; the picture itself if
  /// it is not wider.
  public func shrunk(toWidth target: Int) -> Picture {
    guard target < width else { return self }
    let targetHeight = max(1, height * target / width)
    var result = [UInt8](repeating: 0, count: target * targetHeight * channels)
    for y in 0..<targetHeight {
      let rows =
        y * height
        / targetHeight..<max(y * height / targetHeight + 1, (y + 1) * height / targetHeight)
      for x in 0..<target {
        let columns = x * width / target..<max(x * width / target + 1, (x + 1) * width / target)
        for channel in 0..<channels {
          var sum = 0
          for row in rows {
            for column in columns {
              sum += Int(pixels[(row * width + column) * channels + channel])
            }
          }
          result[(y * target + x) * channels + channel] =
            UInt8((sum + rows.count * columns.count / 2) / (rows.count * columns.count))
        }
      }
    }
    return Picture(width: target, height: targetHeight, channels: channels, pixels: result)
  }

  private func encoded(_ suffix: String) -> [UInt8] {
    var length = 0
    guard
      let bytes = cvips_encode(
        pixels, Int32(width), Int32(height), Int32(channels), suffix, &length)
    else { preconditionFailure("libvips was built without \(suffix)") }
    defer { cvips_free(bytes) }
    return Array(UnsafeRawBufferPointer(start: bytes, count: length))
  }

  /// Values as colours from black over red and yellow to white; 0 and less is black, and the greatest
  /// value white.
  ///
  /// - Parameters:
  ///   - values: the values, `[height, width]`.
  ///   - width: the width in pixels.
  ///   - height: the height in pixels.
  /// - Returns: the picture.
  public static func heat(_ values: [Float], width: Int, height: Int) -> Picture {
    let greatest = max(values.max() ?? 0, 1e-15)
    func level(_ value: Float) -> UInt8 { UInt8((min(max(value, 0), 1) * 255).rounded()) }
    return Picture(
      width: width, height: height, channels: 3,
      pixels: values.flatMap { value in
        let heat = 3 * max(value, 0) / greatest
        return [level(heat), level(heat - 1), level(heat - 2)]
      })
  }

  /// Pictures of one size in rows, with a white line between them.
  ///
  /// - Parameters:
  ///   - tiles: the pictures; all have one size and number of channels.
  ///   - columns: the number of pictures in a row.
  /// - Returns: the picture; `nil` without tiles.
  public static func montage(_ tiles: [Picture], columns: Int) -> Picture? {
    guard let first = tiles.first else { return nil }
    let columns = min(columns, tiles.count)
    let rows = (tiles.count + columns - 1) / columns
    let (stepX, stepY) = (first.width + 1, first.height + 1)
    let (width, height) = (columns * stepX - 1, rows * stepY - 1)
    var pixels = [UInt8](repeating: 255, count: width * height * first.channels)
    for (place, tile) in tiles.enumerated() {
      precondition(
        tile.width == first.width && tile.height == first.height
          && tile.channels == first.channels, "the tiles have one size")
      let (left, top) = (place % columns * stepX, place / columns * stepY)
      for y in 0..<tile.height {
        let from = y * tile.width * tile.channels
        let to = ((top + y) * width + left) * tile.channels
        pixels.replaceSubrange(
          to..<to + tile.width * tile.channels,
          with: tile.pixels[from..<from + tile.width * tile.channels])
      }
    }
    return Picture(width: width, height: height, channels: first.channels, pixels: pixels)
  }
}

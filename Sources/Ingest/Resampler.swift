internal import CLanczos

/// Brings pictures to one size; keeps the weights of the sizes it has met.
///
/// A class because the weights are made once and kept between pictures; each worker has its own.
final class Resampler {
  private let configuration: IngestConfiguration
  private var axes: [AxisKey: Axis] = [:]
  /// Enough for a dataset of mixed sizes without growing for ever.
  private static let axisLimit = 512

  private struct AxisKey: Hashable {
    let from: Int
    let to: Int
  }

  /// The weights of one axis, freed with it.
  private final class Axis {
    let pointer: OpaquePointer

    init?(_ key: AxisKey, filter: CLanczosFilter) {
      guard let pointer = clanczos_axis_create(Int32(key.from), Int32(key.to), filter) else {
        return nil
      }
      self.pointer = pointer
    }

    deinit { clanczos_axis_destroy(pointer) }
  }

  init(_ configuration: IngestConfiguration) {
    self.configuration = configuration
  }

  /// The picture at the configured size, or why there is none.
  func resample(_ picture: Picture) -> Result<Picture, ImageDecoder.Failure> {
    switch configuration.resample {
    case .lanczos: filter(picture, CLANCZOS_LANCZOS)
    case .bilinear: filter(picture, CLANCZOS_BILINEAR)
    case .decimate: decimate(picture)
    }
  }

  /// Rows first, then columns; an axis that keeps its length is left alone.
  private func filter(
    _ picture: Picture, _ filter: CLanczosFilter
  ) -> Result<Picture, ImageDecoder.Failure> {
    let (width, height) = (configuration.width, configuration.height)
    let channels = picture.channels
    guard let across = axis(from: picture.width, to: width, filter),
      let down = axis(from: picture.height, to: height, filter)
    else { return .failure(.init(reason: .unsupported, detail: "no memory for its weights")) }
    var rows = picture.pixels
    if picture.width != width {
      rows = Self.filled(picture.height * width * channels) { target in
        clanczos_horizontal(
          across.pointer, picture.pixels, Int32(picture.height), Int32(channels), target)
      }
    }
    var pixels = rows
    if picture.height != height {
      pixels = Self.filled(height * width * channels) { target in
        clanczos_vertical(down.pointer, rows, Int32(width * channels), target)
      }
    }
    return .success(Picture(width: width, height: height, channels: channels, pixels: pixels))
  }

  private static func filled(
    _ count: Int, _ body: (UnsafeMutablePointer<UInt8>?) -> Void
  ) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      body(buffer.baseAddress)
      initialized = count
    }
  }

  private func axis(from: Int, to: Int, _ filter: CLanczosFilter) -> Axis? {
    let key = AxisKey(from: from, to: to)
    if let axis = axes[key] { return axis }
    if axes.count >= Self.axisLimit { axes.removeAll() }
    let axis = Axis(key, filter: filter)
    axes[key] = axis
    return axis
  }

  private func decimate(_ picture: Picture) -> Result<Picture, ImageDecoder.Failure> {
    let (width, height) = (configuration.width, configuration.height)
    guard let across = Self.step(from: picture.width, to: width),
      let down = Self.step(from: picture.height, to: height)
    else {
      let detail =
        "\(picture.width)x\(picture.height) has no n-th pixels that make "
        + "\(width)x\(height)"
      let isSmall = picture.width < width || picture.height < height
      return .failure(.init(reason: isSmall ? .tooSmall : .unsupported, detail: detail))
    }
    let channels = picture.channels
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * channels)
    for row in stride(from: 0, to: picture.height, by: down) {
      for column in stride(from: 0, to: picture.width, by: across) {
        let start = (row * picture.width + column) * channels
        pixels.append(contentsOf: picture.pixels[start..<start + channels])
      }
    }
    return .success(Picture(width: width, height: height, channels: channels, pixels: pixels))
  }

  /// The step that leaves `to` of `from` pixels, as `[::step]` does in Python.
  private static func step(from: Int, to: Int) -> Int? {
    guard from >= to else { return nil }
    return [from / to, from / to + 1].first { (from + $0 - 1) / $0 == to }
  }
}

extension Picture {
  /// The picture in gray or RGB, with Pillow's arithmetic: ITU-R 601-2 luma in 16 fractional bits.
  func converted(to color: IngestConfiguration.Color) -> Picture {
    switch (color, channels) {
    case (.gray, 3):
      var gray: [UInt8] = []
      gray.reserveCapacity(width * height)
      for start in stride(from: 0, to: pixels.count, by: 3) {
        let sum =
          Int(pixels[start]) * 19_595 + Int(pixels[start + 1]) * 38_470
          + Int(pixels[start + 2]) * 7_471 + 0x8000
        gray.append(UInt8(sum >> 16))
      }
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
}

internal import CLanczos
internal import CVips

/// Brings pictures to one size.
///
/// A class because it keeps its scratch memory between pictures; each worker has its own.
final class Resampler {
  private let width: Int
  private let height: Int
  private let method: IngestConfiguration.Resampling
  private let path: CLanczosPath
  private let axes: AxisCache
  private var scratch: [UInt8] = []

  /// A resampler to `width` x `height` pixels, by the fastest path the processor has or, for tests,
  /// by another.
  init(
    width: Int, height: Int, method: IngestConfiguration.Resampling,
    axes: AxisCache = AxisCache(), path: CLanczosPath = clanczos_best_path()
  ) {
    self.axes = axes
    self.width = width
    self.height = height
    self.method = method
    self.path = path
  }

  /// The picture at that size, or why there is none.
  func resample(_ picture: Picture) -> Result<Picture, ImageDecoder.Failure> {
    switch method {
    case .lanczos: filter(picture, CLANCZOS_LANCZOS)
    case .bilinear: filter(picture, CLANCZOS_BILINEAR)
    case .decimate: decimate(picture)
    case .vipsLanczos3: vips(picture)
    }
  }

  private func filter(
    _ picture: Picture, _ filter: CLanczosFilter
  ) -> Result<Picture, ImageDecoder.Failure> {
    let channels = picture.channels
    guard let across = axes.axis(from: picture.width, to: width, filter),
      let down = axes.axis(from: picture.height, to: height, filter)
    else { return .failure(.init(reason: .unsupported, detail: "no memory for its weights")) }
    let needed = clanczos_scratch_size(across.pointer, down.pointer, Int32(channels))
    if scratch.count < needed { scratch = [UInt8](repeating: 0, count: needed) }
    let pixels = [UInt8].filled(height * width * channels) { target in
      clanczos_resize(
        across.pointer, down.pointer, picture.pixels, picture.width * channels, Int32(channels),
        path, &scratch, target)
    }
    return .success(Picture(width: width, height: height, channels: channels, pixels: pixels))
  }

  private func vips(_ picture: Picture) -> Result<Picture, ImageDecoder.Failure> {
    var status: Int32 = -1
    let pixels = [UInt8].filled(height * width * picture.channels) { target in
      status = cvips_lanczos3(
        picture.pixels, Int32(picture.width), Int32(picture.height), Int32(picture.channels),
        Int32(width), Int32(height), target)
    }
    guard status == 0 else {
      return .failure(.init(reason: .unsupported, detail: "libvips does not resize it"))
    }
    return .success(
      Picture(width: width, height: height, channels: picture.channels, pixels: pixels))
  }

  private func decimate(_ picture: Picture) -> Result<Picture, ImageDecoder.Failure> {
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

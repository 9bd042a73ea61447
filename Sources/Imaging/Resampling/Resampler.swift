internal import CLanczos
internal import CVips

/// Resamples images to one size.
///
/// A class because it reuses its scratch memory; each worker has its own.
package final class Resampler {
  private let width: Int
  private let height: Int
  private let method: SampleConfiguration.Resampling
  private let fit: SampleConfiguration.Fit
  private let followsPillow13: Bool
  private let path: CLanczosPath
  private let axes: AxisCache
  private var scratch: [UInt8] = []

  /// Creates a resampler to `width` x `height` pixels with the fastest code path of the processor
  /// or, for tests, another one.
  init(
    width: Int, height: Int, method: SampleConfiguration.Resampling,
    fit: SampleConfiguration.Fit = .stretch, followsPillow13: Bool = false,
    axes: AxisCache = AxisCache(), path: CLanczosPath = clanczos_best_path()
  ) {
    self.axes = axes
    self.width = width
    self.height = height
    self.method = method
    self.fit = fit
    self.followsPillow13 = followsPillow13
    self.path = path
  }

  /// Returns the image at the sample's size, or the reason why that is impossible.
  func resample(_ picture: Picture) -> Result<Picture, ImageFailure> {
    guard changesProportion(of: picture) else { return resize(picture, width, height) }
    switch fit {
    case .stretch: return resize(picture, width, height)
    case .crop:
      let (wide, high) = fitted(width, height, inside: picture.width, picture.height)
      return resize(
        picture.cropped(
          left: (picture.width - wide) / 2, top: (picture.height - high) / 2, width: wide,
          height: high), width, height)
    case .pad:
      let (wide, high) = fitted(picture.width, picture.height, inside: width, height)
      return resize(picture, wide, high).map { $0.padded(width: width, height: height) }
    }
  }

  /// Returns true if the aspect ratio of the image differs from the sample's by more than half a
  /// sample pixel.
  func changesProportion(of picture: Picture) -> Bool {
    let (wide, high) = fitted(picture.width, picture.height, inside: width, height)
    return wide != width || high != height
  }

  /// Returns the largest size within `width` x `height` with the aspect ratio of `wide` x `high`;
  /// each side is at least 1.
  private func fitted(
    _ wide: Int, _ high: Int, inside width: Int, _ height: Int
  ) -> (Int, Int) {
    let scale = min(Double(width) / Double(wide), Double(height) / Double(high))
    func side(_ length: Int, _ limit: Int) -> Int {
      min(limit, max(1, Int((Double(length) * scale).rounded())))
    }
    return (side(wide, width), side(high, height))
  }

  private func resize(
    _ picture: Picture, _ width: Int, _ height: Int
  ) -> Result<Picture, ImageFailure> {
    switch method {
    case .lanczos: filter(picture, CLANCZOS_LANCZOS, width, height)
    case .bilinear: filter(picture, CLANCZOS_BILINEAR, width, height)
    case .decimate: decimate(picture, width, height)
    case .vipsLanczos3: vips(picture, width, height)
    }
  }

  private func filter(
    _ picture: Picture, _ filter: CLanczosFilter, _ width: Int, _ height: Int
  ) -> Result<Picture, ImageFailure> {
    let channels = picture.channels
    guard let across = axes.axis(from: picture.width, to: width, filter),
      let down = axes.axis(from: picture.height, to: height, filter)
    else { return .failure(.init(reason: .unsupported, detail: "no memory for its weights")) }
    let order =
      followsPillow13 && Self.isVerticalFirst(from: picture, to: width, height)
      ? CLANCZOS_VERTICAL_FIRST : CLANCZOS_HORIZONTAL_FIRST
    let needed = clanczos_scratch_size(across.pointer, down.pointer, Int32(channels), order)
    if scratch.count < needed { scratch = [UInt8](repeating: 0, count: needed) }
    let pixels = [UInt8].filled(height * width * channels) { target in
      clanczos_resize(
        across.pointer, down.pointer, picture.pixels, picture.width * channels, Int32(channels),
        order, path, &scratch, target)
    }
    return .success(Picture(width: width, height: height, channels: channels, pixels: pixels))
  }

  /// Returns true if Pillow 13 starts with the vertical pass: both sides change, and the height
  /// shrinks by more than twice the factor of the width.
  ///
  /// The rule was derived by comparing Pillow 12.2.0 and 13.0.0 on 26,200 pairs of sizes, and is
  /// correct for all of them.
  static func isVerticalFirst(from picture: Picture, to width: Int, _ height: Int) -> Bool {
    picture.width != width && picture.height > height
      && picture.height - height > 2 * max(picture.width - width, 0)
  }

  private func vips(
    _ picture: Picture, _ width: Int, _ height: Int
  ) -> Result<Picture, ImageFailure> {
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

  /// Returns true if taking every n-th pixel of `width` x `height` pixels gives the sample's size.
  package static func canDecimate(width: Int, height: Int, to size: (width: Int, height: Int))
    -> Bool
  {
    step(from: width, to: size.width) != nil && step(from: height, to: size.height) != nil
  }

  private func decimate(
    _ picture: Picture, _ width: Int, _ height: Int
  ) -> Result<Picture, ImageFailure> {
    guard let across = Self.step(from: picture.width, to: width),
      let down = Self.step(from: picture.height, to: height)
    else {
      let detail =
        "taking every n-th pixel of \(picture.width)x\(picture.height) cannot give "
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

  /// Returns the step that keeps `to` of `from` pixels, as `[::step]` does in Python.
  private static func step(from: Int, to: Int) -> Int? {
    guard from >= to else { return nil }
    return [from / to, from / to + 1].first { (from + $0 - 1) / $0 == to }
  }
}
